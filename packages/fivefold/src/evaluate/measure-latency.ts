import { type Clock, FivefoldError, systemClock, throwIfCancelled } from '../core/index.ts'
import { quantileOfSorted } from '../metrics/index.ts'

/** Milliseconds of one call. */
export interface LatencySummary {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly mean: number
  readonly calls: number
}

export interface Latency extends LatencySummary {
  /** The same for calls with many rows. */
  readonly batch?: LatencySummary & { readonly rows: number; readonly rowsPerSecond: number }
}

export interface LatencyOptions {
  readonly clock?: Clock
  readonly signal?: AbortSignal
  /** Calls that are not counted: the first ones compile code and allocate. */
  readonly warmUpCalls?: number
  readonly calls?: number
  /** Stops early, but not before 20 calls. */
  readonly budgetMs?: number
}

export interface BatchPrediction {
  readonly rows: number
  readonly predict: () => Promise<void>
}

const FEWEST_CALLS = 20

/** Times predictions of one row, and of a batch, one call after the other. Not reproducible: belongs into run.json, never into a bundle. */
export async function measureLatency(
  predictOne: () => Promise<void>,
  batch?: BatchPrediction,
  options: LatencyOptions = {},
): Promise<Latency> {
  const single = await timeCalls(predictOne, { calls: 500, warmUpCalls: 50, budgetMs: 2000, ...options })
  if (batch === undefined) return single
  if (!(Number.isInteger(batch.rows) && batch.rows > 0))
    throw new FivefoldError('OPTION_INVALID', `a batch has one row or more, not ${batch.rows}`)
  const many = await timeCalls(batch.predict, { calls: 50, warmUpCalls: 3, budgetMs: 2000, ...options })
  return {
    ...single,
    batch: { ...many, rows: batch.rows, rowsPerSecond: (batch.rows * 1000) / Math.max(many.mean, 1e-6) },
  }
}

async function timeCalls(
  predict: () => Promise<void>,
  options: LatencyOptions & Required<Pick<LatencyOptions, 'calls' | 'warmUpCalls' | 'budgetMs'>>,
): Promise<LatencySummary> {
  const { clock = systemClock, signal, calls, warmUpCalls, budgetMs } = options
  for (let i = 0; i < warmUpCalls; i++) await predict()
  const timesMs: number[] = []
  const start = clock.monotonicMs()
  while (timesMs.length < calls) {
    if (signal) throwIfCancelled(signal)
    const before = clock.monotonicMs()
    await predict()
    const after = clock.monotonicMs()
    timesMs.push(after - before)
    if (after - start > budgetMs && timesMs.length >= FEWEST_CALLS) break
  }
  const sorted = Float64Array.from(timesMs).sort()
  const at = (probability: number): number => quantileOfSorted(sorted, probability)
  const mean = timesMs.reduce((sum, ms) => sum + ms, 0) / timesMs.length
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), mean, calls: timesMs.length }
}
