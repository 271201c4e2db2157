export type { Architecture } from './deploy-plan.ts'
export type { DeployOptions } from './plan-deployment.ts'
export { DEPLOY_TARGET_NAMES, type DeployTargetName } from './targets/deploy-targets.ts'
export { type WriteDeploymentOptions, type WrittenDeployment, writeDeployment } from './write-deployment.ts'
