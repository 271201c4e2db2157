import { FivefoldError } from '../core/index.ts'
import { type Linearised, twoSidedP, Z95 } from './linearised.ts'
import { type ClassificationMetricName, linearisedClassification } from './measure-classification.ts'
import { linearisedRegression } from './measure-regression.ts'
import type { RegressionMetricName } from './regression-metrics.ts'
import { type ClassificationSample, predictedCodes, type RegressionSample } from './samples.ts'
import { incompleteBeta } from './special-functions.ts'

/** Difference of a metric between two models on the same rows. */
export interface PairedComparison {
  /** First minus second, in the metric's unit. */
  readonly difference: number
  /** 95% interval of the difference. */
  readonly low: number
  readonly high: number
  /** Two-sided, for no difference. */
  readonly pValue: number
  readonly method: string
}

/** Difference with its interval from the per-row effects of both estimates; they share the rows, so noise cancels. */
export function comparePaired(first: Linearised, second: Linearised, method: string): PairedComparison {
  if (first.effects.length !== second.effects.length)
    throw new FivefoldError('METRIC_INPUT', 'a paired comparison needs the same rows for both models')
  let variance = 0
  for (let i = 0; i < first.effects.length; i++) variance += (first.effects[i]! - second.effects[i]!) ** 2
  const difference = first.value - second.value
  const spread = Math.sqrt(variance)
  // Rounding leaves a spread of about 1e-17 between equal models; it must not look like certainty.
  const pValue =
    spread > 1e-12 * Math.abs(difference) && difference !== 0
      ? twoSidedP(difference / spread)
      : difference === 0
        ? 1
        : 0
  return { difference, low: difference - Z95 * spread, high: difference + Z95 * spread, pValue, method }
}

/**
 * Compares two classifiers on the same rows by one metric: ROC AUC by DeLong's paired test, accuracy with McNemar's
 * p-value, the rest by the delta method. Undefined where the metric is undefined for one of them.
 */
export function compareClassification(
  name: ClassificationMetricName,
  first: ClassificationSample,
  second: ClassificationSample,
): PairedComparison | undefined {
  const a = linearisedClassification(name, first)
  const b = linearisedClassification(name, second)
  if (a === undefined || b === undefined) return undefined
  if (name === 'rocAuc') return comparePaired(a, b, 'paired DeLong')
  if (name !== 'accuracy') return comparePaired(a, b, 'paired delta method')
  const { pValue } = mcNemarTest(...discordantCounts(first, second))
  return { ...comparePaired(a, b, "McNemar's mid-p, delta interval"), pValue }
}

export function compareRegression(
  name: RegressionMetricName,
  first: RegressionSample,
  second: RegressionSample,
): PairedComparison | undefined {
  const a = linearisedRegression(name, first)
  const b = linearisedRegression(name, second)
  return a && b ? comparePaired(a, b, 'paired delta method') : undefined
}

/** Rows that only the first, and only the second model decides rightly. */
function discordantCounts(first: ClassificationSample, second: ClassificationSample): [number, number] {
  const a = predictedCodes(first)
  const b = predictedCodes(second)
  let onlyFirst = 0
  let onlySecond = 0
  for (let i = 0; i < a.length; i++) {
    const code = first.codes[i]!
    if (a[i] === code && b[i] !== code) onlyFirst++
    if (a[i] !== code && b[i] === code) onlySecond++
  }
  return [onlyFirst, onlySecond]
}

/**
 * McNemar's test of two paired proportions from the discordant counts: the exact binomial p-value, and the mid-p value
 * (Fagerland, Lydersen and Laake, 2013), which is less conservative.
 */
export function mcNemarTest(onlyFirst: number, onlySecond: number): { exactP: number; pValue: number } {
  const total = onlyFirst + onlySecond
  if (total === 0) return { exactP: 1, pValue: 1 }
  const fewer = Math.min(onlyFirst, onlySecond)
  // P(X <= k) = I_{1/2}(n - k, k + 1) for X binomial (n, 1/2).
  const tail = (k: number): number => (k < 0 ? 0 : k >= total ? 1 : incompleteBeta(total - k, k + 1, 0.5))
  const exactP = Math.min(1, 2 * tail(fewer))
  const point = tail(fewer) - tail(fewer - 1)
  return { exactP, pValue: onlyFirst === onlySecond ? 1 - point : exactP - point }
}
