import type { Deployment, DeploymentRoute, ShadowReport } from '../../rollout/index.ts'
import type { Servable, Tensors } from '../model/servable.ts'
import type { InferOptions, ModelEndpoint, ModelRepository } from '../runtime/model-repository.ts'
import { createDegrader, type FailedRequest, isCancelled } from './degrade.ts'
import { createShadowCopies } from './shadow-copies.ts'
import { endpointOfVariant, mainVariant } from './variants.ts'

/** Headers of an answer that say who gave it, and whether in place of another. */
const VARIANT_HEADER = 'x-fivefold-variant'
const DEGRADED_HEADER = 'x-fivefold-degraded'

export interface DeploymentEndpoint extends ModelEndpoint {
  shadows(): readonly ShadowReport[]
  /** Resolves once the copies that are on their way have been answered. */
  settled(): Promise<void>
}

/**
 * An endpoint whose answers come from the variants of a deployment. It looks like the model of the variant that has the most
 * traffic; the variants take the same inputs. Where a variant fails, the fallback answers in this order: another variant, a kept
 * answer to the same question, a default. Each such answer is marked, and counts as a failure of its variant.
 */
export function createDeploymentEndpoint(deployment: Deployment, repository: ModelRepository): DeploymentEndpoint {
  const endpointOf = (variant: string): ModelEndpoint => endpointOfVariant(deployment.record(), variant, repository)
  const model = (): Servable => facade(deployment, endpointOf)
  const degrader = createDegrader({ record: deployment.record, repository, model })
  const copies = createShadowCopies()

  const answerByVariant = async (route: DeploymentRoute, feeds: Tensors, options: InferOptions): Promise<Tensors> => {
    const startMs = performance.now()
    const record = (ok: boolean): void =>
      deployment.recordAnswer({ requestId: options.requestId, route, latencyMs: performance.now() - startMs, ok })
    try {
      const answer = await endpointOf(route.variant).infer(feeds, options)
      record(true)
      return answer
    } catch (thrown) {
      // Whoever went away says nothing about the variant.
      if (!isCancelled(thrown)) record(false)
      throw thrown
    }
  }
  const degraded = async (failed: FailedRequest): Promise<Tensors> => {
    const { from, answer } = await degrader.answer(failed)
    failed.options.annotate?.(DEGRADED_HEADER, from)
    return answer
  }
  return {
    get model() {
      return model()
    },
    infer: async (feeds, options) => {
      const route = deployment.route(options.headers)
      options.annotate?.(VARIANT_HEADER, route.variant)
      const given = await answerByVariant(route, feeds, options).then(
        (answer) => degrader.keep(feeds, options, answer),
        (thrown: unknown) => degraded({ thrown, route, feeds, options }),
      )
      for (const variant of route.shadows) copies.send(variant, () => endpointOf(variant), { feeds, options, given })
      return given
    },
    shadows: copies.reports,
    settled: copies.settled,
  }
}

/** The model of the variant that has the most traffic, under the name of the deployment. */
function facade(deployment: Deployment, endpointOf: (variant: string) => ModelEndpoint): Servable {
  const record = deployment.record()
  const { model } = endpointOf(mainVariant(record))
  return { ...model, name: deployment.name, version: String(record.version) }
}
