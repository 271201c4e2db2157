import type { DeployTarget } from '../deploy-target.ts'
import { azuremlTarget } from './azureml.ts'
import { composeTarget } from './compose.ts'
import { dockerTarget } from './docker.ts'
import { kserveTarget } from './kserve.ts'
import { kubernetesTarget } from './kubernetes/kubernetes.ts'
import { lambdaTarget } from './lambda.ts'
import { sagemakerTarget } from './sagemaker.ts'
import { systemdTarget } from './systemd.ts'
import { vertexTarget } from './vertex.ts'

/** Where a model can be deployed to, in the order in which help lists them. */
export const DEPLOY_TARGET_NAMES = [
  'docker',
  'compose',
  'kubernetes',
  'kserve',
  'sagemaker',
  'vertex',
  'azureml',
  'lambda',
  'systemd',
] as const

export type DeployTargetName = (typeof DEPLOY_TARGET_NAMES)[number]

export const DEPLOY_TARGETS: Readonly<Record<DeployTargetName, DeployTarget>> = {
  docker: dockerTarget,
  compose: composeTarget,
  kubernetes: kubernetesTarget,
  kserve: kserveTarget,
  sagemaker: sagemakerTarget,
  vertex: vertexTarget,
  azureml: azuremlTarget,
  lambda: lambdaTarget,
  systemd: systemdTarget,
}
