import { linearisedMean, normalQuantile, varianceOf } from '../../metrics/index.ts'
import { beyondSampling, type ChunkPlan, type Effect, effectiveSize } from './finding.ts'

/** Rows beyond this are thinned before chunks are compared: the variation between chunks shows long before. */
const MAX_ROWS = 40_000

/** Values that keep their order: one entry a row. */
type Rows = Float64Array | Int32Array

/**
 * How far consecutive chunks of the reference differ from the rest of it: seasons, weekdays, slow trends. Rows near in
 * time resemble each other, so that a test that takes rows for independent finds these differences significant; a
 * current window that differs by no more than chunks of the reference did is not news.
 * The largest effect beyond sampling counts, where it is more than sampling explains; and the typical one as far as all
 * chunks together leave it possible: what chunks of few rows cannot rule out of each other is no news of a window. A
 * window longer than the chunks averages over more of the coming and going: `shrinkage` takes that into account.
 */
export function referenceVariation<T extends Rows>(
  reference: T,
  { chunks, shrinkage }: ChunkPlan,
  measure: (chunk: T, rest: T) => Effect,
): number {
  if (chunks < 2) return 0
  const rows = thin(reference)
  let largest = 0
  const squares: number[] = []
  for (let c = 0; c < chunks; c++) {
    const start = Math.floor((rows.length * c) / chunks)
    const end = Math.floor((rows.length * (c + 1)) / chunks)
    const effect = measure(rows.slice(start, end) as T, without(rows, start, end))
    if (effect.effect > effect.noiseLimit) largest = Math.max(largest, beyondSampling(effect))
    squares.push(effect.effect ** 2 - effect.ofSampling ** 2)
  }
  return Math.max(largest, typicalEffect(squares)) * shrinkage
}

/** Root of the mean square beyond sampling, at the upper end of its one-sided 95% interval over the chunks. */
function typicalEffect(squares: readonly number[]): number {
  const { value, effects } = linearisedMean(Float64Array.from(squares))
  return Math.sqrt(Math.max(0, value + normalQuantile(0.95) * Math.sqrt(varianceOf({ value, effects }))))
}

function thin<T extends Rows>(rows: T): T {
  const step = Math.ceil(rows.length / MAX_ROWS)
  return step === 1 ? rows : (rows.filter((_: number, i: number) => i % step === 0) as T)
}

function without<T extends Rows>(rows: T, start: number, end: number): T {
  const rest = rows.slice(0, rows.length - (end - start)) as T
  rest.set(rows.subarray(end), start)
  return rest
}

/**
 * Chunks about as long as the current window, at least four (fewer say nothing of variation) and at most twenty; none
 * where they would hold fewer than 30 rows. With short memory, differences between stretches of time shrink with
 * their lengths as those between samples do.
 *
 * @param referenceLength in the same unit as `currentLength`: time, or rows where those come evenly
 */
export function planChunks(referenceLength: number, currentLength: number, referenceRows: number): ChunkPlan {
  const chunks = Math.min(20, Math.max(4, Math.floor(referenceLength / currentLength)))
  if (referenceRows / chunks < 30) return NO_CHUNKS
  const chunk = referenceLength / chunks
  const ratio = effectiveSize(chunk, referenceLength - chunk) / effectiveSize(referenceLength, currentLength)
  return { chunks, shrinkage: Math.min(1, Math.sqrt(ratio)) }
}

export const NO_CHUNKS: ChunkPlan = { chunks: 0, shrinkage: 1 }
