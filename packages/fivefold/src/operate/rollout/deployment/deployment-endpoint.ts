import { FivefoldError } from '../../../core/index.ts'
import { elementCount, type TensorLiteral, toHalf, zerosOf } from '../../../onnx/index.ts'
import type { Servable, TensorSpec, Tensors } from '../../serving/model/servable.ts'
import type { InferOptions, ModelEndpoint, ModelRepository } from '../../serving/runtime/model-repository.ts'
import { cacheKey, createResponseCache } from '../../serving/runtime/response-cache.ts'
import { compareAnswers } from '../shadow/compare-answers.ts'
import { createShadowTally, type ShadowReport, type ShadowTally } from '../shadow/shadow-tally.ts'
import type { Deployment, DeploymentRoute } from './deployment.ts'
import type { DeploymentRecord, Fallback } from './deployment-record.ts'

/** Where an answer came from that its variant could not give. */
export type Degradation = 'previous' | 'cached' | 'default'

/** Headers of an answer that say who gave it, and whether in place of another. */
export const VARIANT_HEADER = 'x-fivefold-variant'
export const DEGRADED_HEADER = 'x-fivefold-degraded'

export interface DeploymentEndpoint extends ModelEndpoint {
  shadows(): readonly ShadowReport[]
  /** Resolves once the copies that are on their way have been answered. */
  settled(): Promise<void>
}

/** Copies on their way beyond which none is sent: a slow shadow must not take the memory of those that answer. */
const MOST_COPIES = 64

/**
 * An endpoint whose answers come from the variants of a deployment. It looks like the model of the variant that has the most
 * traffic; the variants take the same inputs. Where a variant fails, the fallback answers in this order: another variant, a kept
 * answer to the same question, a default. Each such answer is marked, and counts as a failure of its variant.
 */
export function createDeploymentEndpoint(deployment: Deployment, repository: ModelRepository): DeploymentEndpoint {
  const tallies = new Map<string, ShadowTally>()
  const copies = new Set<Promise<void>>()
  const degrade = createDegrader(deployment, repository)

  const mirror = (variant: string, feeds: Tensors, options: InferOptions, given: Tensors): void => {
    const tally = tallies.get(variant) ?? createShadowTally(variant)
    tallies.set(variant, tally)
    if (copies.size >= MOST_COPIES) {
      tally.skipped()
      return
    }
    const endpoint = (): ModelEndpoint => endpointOf(deployment.record(), variant, repository)
    const copy = answerCopy(endpoint, feeds, options, given, tally)
    copies.add(copy)
    void copy.finally(() => copies.delete(copy))
  }
  return {
    get model() {
      return facade(deployment, repository)
    },
    infer: async (feeds, options) => {
      const route = deployment.route(options.headers)
      options.annotate?.(VARIANT_HEADER, route.variant)
      const answer = await answerByVariant(deployment, repository, route, feeds, options).then(
        (given) => degrade.keep(feeds, options, given),
        (thrown: unknown) => degrade(thrown, route, feeds, options),
      )
      for (const variant of route.shadows) mirror(variant, feeds, options, answer)
      return answer
    },
    shadows: () => [...tallies.values()].map((tally) => tally.report()),
    settled: async () => {
      await Promise.all(copies)
    },
  }
}

function endpointOf({ variants }: DeploymentRecord, variant: string, repository: ModelRepository): ModelEndpoint {
  const chosen = Object.hasOwn(variants, variant) ? variants[variant] : undefined
  if (!chosen) throw new FivefoldError('MODEL_NOT_FOUND', `the deployment has no variant '${variant}' any more`)
  return repository.endpoint(chosen.model, chosen.version)
}

async function answerByVariant(
  deployment: Deployment,
  repository: ModelRepository,
  route: DeploymentRoute,
  feeds: Tensors,
  options: InferOptions,
): Promise<Tensors> {
  const startMs = performance.now()
  const record = (ok: boolean): void =>
    deployment.recordAnswer({ requestId: options.requestId, route, latencyMs: performance.now() - startMs, ok })
  try {
    const answer = await endpointOf(deployment.record(), route.variant, repository).infer(feeds, options)
    record(true)
    return answer
  } catch (thrown) {
    // Whoever went away says nothing about the variant.
    if (!isCancelled(thrown)) record(false)
    throw thrown
  }
}

const isCancelled = (thrown: unknown): boolean => thrown instanceof FivefoldError && thrown.category === 'cancelled'

/** What was sent does not fit: no kept or default answer is the right one. */
const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof FivefoldError && ['input', 'usage', 'limit'].includes(thrown.category)

interface Degrader {
  (thrown: unknown, route: DeploymentRoute, feeds: Tensors, options: InferOptions): Promise<Tensors>
  /** Remembers an answer for the same question, and returns it. */
  keep(feeds: Tensors, options: InferOptions, answer: Tensors): Tensors
}

function createDegrader(deployment: Deployment, repository: ModelRepository): Degrader {
  let cache: { readonly entries: number; readonly answers: ReturnType<typeof createResponseCache> } | undefined
  const cacheNow = () => {
    const entries = deployment.record().fallback.cachedAnswers
    if (entries === 0) cache = undefined
    else if (cache?.entries !== entries) cache = { entries, answers: createResponseCache(entries) }
    return cache?.answers
  }
  const degrade = async (
    thrown: unknown,
    route: DeploymentRoute,
    feeds: Tensors,
    options: InferOptions,
  ): Promise<Tensors> => {
    if (isCancelled(thrown)) throw thrown
    const record = deployment.record()
    const marked = (from: Degradation, answer: Tensors): Tensors => {
      options.annotate?.(DEGRADED_HEADER, from)
      return answer
    }
    const other = fallbackVariant(record, route)
    const previous = other && (await attempt(() => endpointOf(record, other, repository).infer(feeds, options)))
    if (previous) return marked('previous', previous)
    if (isRefusal(thrown)) throw thrown
    const kept = cacheNow()?.get(cacheKey(feeds, options.outputs))
    if (kept) return marked('cached', kept)
    const fixed = await attempt(async () =>
      defaultAnswer(record.fallback, facade(deployment, repository), feeds, options),
    )
    if (fixed) return marked('default', fixed)
    throw thrown
  }
  const keep = (feeds: Tensors, options: InferOptions, answer: Tensors): Tensors => {
    cacheNow()?.set(cacheKey(feeds, options.outputs), answer)
    return answer
  }
  return Object.assign(degrade, { keep })
}

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

/** One value for each output that is asked for, in every row; undefined where the specification has none for some output. */
function defaultAnswer(
  { answer }: Fallback,
  model: Servable,
  feeds: Tensors,
  { outputs }: InferOptions,
): Tensors | undefined {
  const wanted = model.outputs.filter(({ name }) => outputs === undefined || outputs.includes(name))
  if (!answer || !wanted.every(({ name }) => Object.hasOwn(answer, name))) return undefined
  const rows = model.isBatched ? (Object.values(feeds)[0]?.shape[0] ?? 1) : 1
  return Object.fromEntries(wanted.map((output) => [output.name, filled(output, rows, answer[output.name]!)]))
}

function filled({ type, shape }: TensorSpec, rows: number, value: number | string | boolean): TensorLiteral {
  const fixed = shape.map((size, axis) => (size >= 0 ? size : axis === 0 ? rows : 1))
  if (type === 'string') return { type, shape: fixed, data: new Array<string>(elementCount(fixed)).fill(String(value)) }
  const tensor = zerosOf(type, fixed)
  if (tensor.type === 'int64' || tensor.type === 'uint64') tensor.data.fill(BigInt(value))
  else if (tensor.type === 'float16') tensor.data.fill(toHalf(Number(value)))
  else tensor.data.fill(Number(value))
  return tensor
}

async function answerCopy(
  endpoint: () => ModelEndpoint,
  feeds: Tensors,
  { requestId, outputs }: InferOptions,
  given: Tensors,
  tally: ShadowTally,
): Promise<void> {
  const startMs = performance.now()
  try {
    // Neither the sender's patience nor its headers concern a copy.
    const answer = await endpoint().infer(feeds, { requestId, ...(outputs ? { outputs } : {}) })
    tally.compared(compareAnswers(given, answer), performance.now() - startMs)
  } catch {
    tally.failed()
  }
}

/** The model of the variant that has the most traffic, under the name of the deployment. */
function facade(deployment: Deployment, repository: ModelRepository): Servable {
  const record = deployment.record()
  const { model } = endpointOf(record, mainVariant(record), repository)
  return { ...model, name: deployment.name, version: String(record.version) }
}

function mainVariant({ policy: { traffic } }: DeploymentRecord): string {
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
