import { FivefoldError } from '../../../core/index.ts'
import type { ModelRepository } from '../runtime/model-repository.ts'
import type { Deployments } from './deployments.ts'

/** A repository in which deployments are models: every protocol reaches them by name, and a variant as their version. */
export function withDeployments(repository: ModelRepository, deployments: Deployments): ModelRepository {
  const [first] = deployments.names()
  return {
    ...repository,
    statuses: () => [
      ...deployments.names().map((name) => {
        const { version } = deployments.get(name).deployment.record()
        return { name, version: String(version), state: 'ready' as const }
      }),
      ...repository.statuses(),
    ],
    endpoint: (name = first, version) => {
      const found = name === undefined ? undefined : deployments.find(name)
      if (!found) return repository.endpoint(name, version)
      const { variants, version: own } = found.deployment.record()
      if (version === undefined || version === String(own)) return found.endpoint
      const variant = Object.hasOwn(variants, version) ? variants[version] : undefined
      if (!variant)
        throw new FivefoldError('MODEL_NOT_FOUND', `deployment '${name}' has no version or variant '${version}'`)
      return repository.endpoint(variant.model, variant.version)
    },
  }
}
