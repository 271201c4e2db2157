import { normalCdf, normalQuantile } from './special-functions.ts'

/**
 * An estimate together with how much each row moves it, to first order (its empirical influence function divided by n).
 * The variance of the estimate is the sum of squared effects; that of a difference of two estimates over the same rows is
 * the sum of squared differences of effects.
 */
export interface Linearised {
  readonly value: number
  readonly effects: Float64Array
}

export function varianceOf({ effects }: Linearised): number {
  let sum = 0
  for (let i = 0; i < effects.length; i++) sum += effects[i]! * effects[i]!
  return sum
}

/** The mean of the rows' values. */
export function linearisedMean(values: Float64Array): Linearised {
  const value = meanOf(values)
  return { value, effects: values.map((x) => (x - value) / values.length) }
}

export function meanOf(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** The plain mean of several estimates over the same rows. */
export function averageLinearised(parts: readonly Linearised[]): Linearised | undefined {
  const first = parts[0]
  if (first === undefined) return undefined
  const effects = new Float64Array(first.effects.length)
  let value = 0
  for (const part of parts) {
    value += part.value / parts.length
    for (let i = 0; i < effects.length; i++) effects[i]! += part.effects[i]! / parts.length
  }
  return { value, effects }
}

export const CONFIDENCE = 0.95
/** 1.96: the normal quantile of a two-sided 95% interval. */
export const Z95 = normalQuantile((1 + CONFIDENCE) / 2)

/** Two-sided p-value of a standard normal statistic. */
export function twoSidedP(z: number): number {
  return Math.min(1, 2 * normalCdf(-Math.abs(z)))
}
