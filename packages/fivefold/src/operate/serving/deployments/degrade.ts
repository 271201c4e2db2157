import { FivefoldError } from '../../../core/index.ts'
import type { DeploymentRecord, DeploymentRoute } from '../../rollout/index.ts'
import type { Servable, Tensors } from '../model/servable.ts'
import type { InferOptions, ModelRepository } from '../runtime/model-repository.ts'
import { cacheKey, createResponseCache, type ResponseCache } from '../runtime/response-cache.ts'
import { defaultAnswer } from './default-answer.ts'
import { endpointOfVariant } from './variants.ts'

/** Where an answer came from that its variant could not give. */
export type Degradation = 'previous' | 'cached' | 'default'

export interface DegraderOptions {
  /** The version in force. */
  readonly record: () => DeploymentRecord
  readonly repository: ModelRepository
  /** What the deployment looks like. */
  readonly model: () => Servable
}

export interface FailedRequest {
  /** What the variant threw. */
  readonly thrown: unknown
  readonly route: DeploymentRoute
  readonly feeds: Tensors
  readonly options: InferOptions
}

/** Answers in the place of a variant that failed. */
export interface Degrader {
  /** @throws what the variant threw, where nothing can answer in its place */
  answer(failed: FailedRequest): Promise<{ readonly from: Degradation; readonly answer: Tensors }>
  /** Remembers an answer for the same question, and returns it. */
  keep(feeds: Tensors, options: InferOptions, answer: Tensors): Tensors
}

export function createDegrader({ record, repository, model }: DegraderOptions): Degrader {
  const kept = createKeptAnswers(() => record().fallback.cachedAnswers)

  const previous = async ({ route, feeds, options }: FailedRequest): Promise<Tensors | undefined> => {
    const other = fallbackVariant(record(), route)
    return other === undefined ? undefined : endpointOfVariant(record(), other, repository).infer(feeds, options)
  }
  return {
    answer: async (failed) => {
      const { thrown, feeds, options } = failed
      if (isCancelled(thrown)) throw thrown
      const other = await attempt(() => previous(failed))
      if (other) return { from: 'previous', answer: other }
      if (isRefusal(thrown)) throw thrown
      const known = kept()?.get(cacheKey(feeds, options.outputs))
      if (known) return { from: 'cached', answer: known }
      const fixed = await attempt(async () => defaultAnswer(record().fallback, model(), feeds, options))
      if (fixed) return { from: 'default', answer: fixed }
      throw thrown
    },
    keep: (feeds, options, answer) => {
      kept()?.set(cacheKey(feeds, options.outputs), answer)
      return answer
    },
  }
}

/** A cache that is emptied when its size is changed; undefined while it is 0. */
function createKeptAnswers(size: () => number): () => ResponseCache | undefined {
  let cache: { readonly entries: number; readonly answers: ResponseCache } | undefined
  return () => {
    const entries = size()
    if (entries === 0) cache = undefined
    else if (cache?.entries !== entries) cache = { entries, answers: createResponseCache(entries) }
    return cache?.answers
  }
}

export const isCancelled = (thrown: unknown): boolean =>
  thrown instanceof FivefoldError && thrown.category === 'cancelled'

/** What was sent does not fit: no kept or default answer is the right one. */
const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof FivefoldError && ['input', 'usage', 'limit'].includes(thrown.category)

/** A canary falls back to its stable version where nothing else is said. */
function fallbackVariant(
  { fallback, policy: { traffic } }: DeploymentRecord,
  { variant }: DeploymentRoute,
): string | undefined {
  const other = fallback.variant ?? (traffic.kind === 'canary' ? traffic.stable : undefined)
  return other === variant ? undefined : other
}

/** The error that is reported is the first one, of the variant that should have answered. */
async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch {
    return undefined
  }
}
