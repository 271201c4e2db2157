import { FivefoldError } from '../../../core/index.ts'
import type { DeploymentRecord } from '../../rollout/index.ts'
import type { ModelEndpoint, ModelRepository } from '../runtime/model-repository.ts'

/** @throws MODEL_NOT_FOUND, MODEL_NOT_READY */
export function endpointOfVariant(
  { name, variants }: DeploymentRecord,
  variant: string,
  repository: ModelRepository,
): ModelEndpoint {
  const chosen = Object.hasOwn(variants, variant) ? variants[variant] : undefined
  if (!chosen) throw new FivefoldError('MODEL_NOT_FOUND', `deployment '${name}' has no variant '${variant}'`)
  return repository.endpoint(chosen.model, chosen.version)
}

/** The variant that answers most requests. */
export function mainVariant({ policy: { traffic } }: DeploymentRecord): string {
  switch (traffic.kind) {
    case 'single':
      return traffic.variant
    case 'canary':
      return traffic.stable
    case 'experiment':
      return traffic.control
    case 'split':
      return Object.entries(traffic.weights).reduce((a, b) => (b[1] > a[1] ? b : a))[0]
    case 'bandit':
      return traffic.arms[0]!
  }
}
