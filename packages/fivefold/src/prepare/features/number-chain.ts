import { z } from 'zod'
import type { NumericStep } from './step.ts'

/** A fitted numeric step, elementwise over doubles in which NaN is missing. */
export const numberOpSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('fill'), value: z.number() }),
  z.strictObject({ op: z.literal('scale'), mean: z.number(), deviation: z.number().positive() }),
  z.strictObject({ op: z.literal('log') }),
  /** Piecewise linear through (knots[i], levels[i]), flat outside; knots ascend strictly. */
  z.strictObject({ op: z.literal('quantile'), knots: z.array(z.number()), levels: z.array(z.number()) }),
])
export type NumberOp = z.infer<typeof numberOpSchema>

/** Larger numbers have no float32 and count as missing. */
export const FLOAT32_MAX = 3.4028234663852886e38

/** No training row can be this many deviations away, and a linear model stays finite on any input. */
export const SCALED_LIMIT = 1e6

export const cleanNumber = (value: number): number => (Math.abs(value) <= FLOAT32_MAX ? value : Number.NaN)

/** Learns the steps one after the other, each on what the former made of the training values (changed in place). */
export function fitNumberChain(steps: readonly NumericStep[], values: Float64Array): NumberOp[] {
  const ops: NumberOp[] = []
  for (const step of steps) {
    const op = fitNumberStep(step, values)
    if (!op) continue
    ops.push(op)
    applyNumberOp(op, values)
  }
  return ops
}

function fitNumberStep(step: NumericStep, values: Float64Array): NumberOp | undefined {
  switch (step.kind) {
    case 'passNumber':
      return undefined
    case 'imputeNumber':
      return { op: 'fill', value: fillValue(step, values) }
    case 'standardScale':
      return { op: 'scale', ...meanAndDeviation(values) }
    case 'log':
      return { op: 'log' }
    case 'quantile':
      return { op: 'quantile', ...quantileKnots(present(values).sort(), step.knots) }
  }
}

function fillValue(step: Extract<NumericStep, { kind: 'imputeNumber' }>, values: Float64Array): number {
  if (step.strategy === 'constant') return step.value
  if (step.strategy === 'mean') return meanAndDeviation(values).mean
  const sorted = present(values).sort()
  return sorted.length === 0 ? 0 : quantileOf(sorted, 0.5)
}

const present = (values: Float64Array): Float64Array => values.filter((value) => !Number.isNaN(value))

/** Population deviation, as scikit-learn's StandardScaler; 1 where all values are equal. Two passes for exactness. */
export function meanAndDeviation(values: ArrayLike<number>): { mean: number; deviation: number } {
  let count = 0
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue
    count++
    sum += values[i]!
  }
  const mean = count === 0 ? 0 : sum / count
  let squares = 0
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) squares += (values[i]! - mean) ** 2
  const deviation = Math.sqrt(squares / Math.max(1, count))
  // Near the rounding error of the mean itself the values are equal; scaling would only amplify that error.
  return { mean, deviation: deviation > Math.abs(mean) * 1e-12 ? deviation : 1 }
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan). */
function quantileOf(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1)
  const below = Math.floor(at)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (high - low) * (at - below)
}

/** Equal quantiles become one knot at the middle of their levels, so that ties map to their mean rank. */
function quantileKnots(sorted: Float64Array, count: number): { knots: number[]; levels: number[] } {
  if (sorted.length === 0) return { knots: [], levels: [] }
  const knots: number[] = []
  const ranges: [number, number][] = []
  for (let i = 0; i < count; i++) {
    const level = i / (count - 1)
    const knot = quantileOf(sorted, level)
    if (knots.length > 0 && knot <= knots.at(-1)!) ranges.at(-1)![1] = level
    else {
      knots.push(knot)
      ranges.push([level, level])
    }
  }
  return { knots, levels: ranges.map(([low, high]) => (low + high) / 2) }
}

export function applyNumberOp(op: NumberOp, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) values[i] = applyToOne(op, values[i]!)
}

function applyToOne(op: NumberOp, x: number): number {
  switch (op.op) {
    case 'fill':
      return Number.isNaN(x) ? op.value : x
    case 'scale':
      return Math.min(SCALED_LIMIT, Math.max(-SCALED_LIMIT, x / op.deviation - op.mean / op.deviation))
    case 'log':
      return Math.sign(x) * Math.log(1 + Math.abs(x))
    case 'quantile':
      return interpolate(op.knots, op.levels, x)
  }
}

function interpolate(knots: readonly number[], levels: readonly number[], x: number): number {
  if (Number.isNaN(x)) return x
  if (knots.length === 0) return 0
  const last = knots.length - 1
  if (x <= knots[0]!) return levels[0]!
  if (x >= knots[last]!) return levels[last]!
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (knots[middle]! <= x) low = middle
    else high = middle
  }
  const share = (x - knots[low]!) / (knots[high]! - knots[low]!)
  return levels[low]! + share * (levels[high]! - levels[low]!)
}
