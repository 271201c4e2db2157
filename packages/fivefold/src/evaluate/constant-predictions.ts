import type { MetricName, MetricValues } from '../metrics/index.ts'
import type { Outcome } from './outcome.ts'

/** What one answer for every row gives on any sample that has all classes. */
const FIXED: readonly MetricName[] = ['rocAuc', 'balancedAccuracy', 'recall']

/**
 * The metrics of predictions that are the same for every row, without intervals where sampling cannot move them: the
 * ROC AUC of a constant is 0.5, its recall 0 or 1. Its accuracy still depends on how many rows of a class were drawn.
 */
export function withoutChance(outcome: Outcome, metrics: MetricValues): MetricValues {
  if (outcome.kind !== 'classes' || !isConstant(outcome.sample)) return metrics
  const names = [...FIXED, ...(metrics.f1?.value === 0 ? (['f1'] as const) : [])].filter((name) => metrics[name])
  const fixed = names.map((name) => {
    const { value } = metrics[name]!
    return [name, { value, low: value, high: value }]
  })
  return { ...metrics, ...Object.fromEntries(fixed) }
}

function isConstant({ probabilities, classCount }: { probabilities: Float64Array; classCount: number }): boolean {
  return probabilities.every((probability, at) => probability === probabilities[at % classCount])
}
