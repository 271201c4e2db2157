import { type Linearised, varianceOf, Z95 } from './linearised.ts'
import type { MetricValue } from './names.ts'
import { betaQuantile } from './special-functions.ts'

/** Wilson's score interval of a proportion (1927), 95%. Sound down to no or all successes. */
export function wilsonInterval(successes: number, trials: number): MetricValue {
  const value = successes / trials
  const z2 = Z95 * Z95
  const center = (value + z2 / (2 * trials)) / (1 + z2 / trials)
  const half = (Z95 / (1 + z2 / trials)) * Math.sqrt((value * (1 - value)) / trials + z2 / (4 * trials * trials))
  return containing(value, Math.max(0, center - half), Math.min(1, center + half))
}

/** Exact interval of a proportion (Clopper and Pearson, 1934), 95%: never covers less, mostly more. */
export function clopperPearsonInterval(successes: number, trials: number): MetricValue {
  const low = successes === 0 ? 0 : betaQuantile(0.025, successes, trials - successes + 1)
  const high = successes === trials ? 1 : betaQuantile(0.975, successes + 1, trials - successes)
  return containing(successes / trials, low, high)
}

/** Mean of independent estimates from their own intervals (MOVER: Zou and Donner, 2008), asymmetric where they are. */
export function intervalOfMean(parts: readonly MetricValue[]): MetricValue {
  const k = parts.length
  const value = parts.reduce((sum, part) => sum + part.value, 0) / k
  const below = Math.hypot(...parts.map((part) => part.value - part.low)) / k
  const above = Math.hypot(...parts.map((part) => part.high - part.value)) / k
  return containing(value, value - below, value + above)
}

/** Normal interval of an estimate in (0, 1) on the logit scale, so that it stays inside; `fallback` at 0, 1 or without spread. */
export function logitInterval(estimate: Linearised, fallback: (value: number) => MetricValue): MetricValue {
  const { value } = estimate
  const spread = Math.sqrt(varianceOf(estimate))
  if (!(value > 0 && value < 1 && spread > 0)) return fallback(value)
  const logit = Math.log(value / (1 - value))
  const half = (Z95 * spread) / (value * (1 - value))
  return containing(value, logistic(logit - half), logistic(logit + half))
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x))

/** Normal interval, cut to what the metric can be. */
export function normalInterval(estimate: Linearised, lowest: number, highest: number): MetricValue {
  const half = Z95 * Math.sqrt(varianceOf(estimate))
  return containing(estimate.value, Math.max(lowest, estimate.value - half), Math.min(highest, estimate.value + half))
}

/**
 * Interval of an AUC from its value and the sample sizes alone (Newcombe, 2006, method 5): all θ that the observed value
 * does not contradict. Used where DeLong's variance is 0, as for perfect separation.
 */
export function newcombeAucInterval(value: number, positives: number, negatives: number): MetricValue {
  const balanced = (positives + negatives) / 2 - 1
  const excess = (theta: number): number => {
    const spread = 1 + (balanced * (1 - theta)) / (2 - theta) + (balanced * theta) / (1 + theta)
    const variance = (theta * (1 - theta) * spread) / (positives * negatives)
    return (value - theta) ** 2 - Z95 * Z95 * variance
  }
  return containing(value, crossing(excess, 0, value), crossing(excess, 1, value))
}

/** Where `excess` changes sign between `outside`, where it is not negative, and `inside`. */
function crossing(excess: (theta: number) => number, outside: number, inside: number): number {
  let far = outside
  let near = inside
  for (let step = 0; step < 60; step++) {
    const middle = (far + near) / 2
    if (excess(middle) > 0) far = middle
    else near = middle
  }
  return (far + near) / 2
}

/** A value with its interval; rounding never leaves the value outside. */
export function containing(value: number, low: number, high: number): MetricValue {
  return { value, low: Math.min(low, value), high: Math.max(high, value) }
}
