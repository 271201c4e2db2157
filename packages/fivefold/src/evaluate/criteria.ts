import type { MetricName, MetricValues, PairedComparison } from '../metrics/index.ts'
import { METRICS } from '../metrics/index.ts'
import type { Criterion } from '../problem/index.ts'
import type { CriterionResult, Verdict } from './evaluation.ts'

/** Holds measured values against the success criteria. A metric that is absent does not meet its criterion. */
export function checkCriteria(criteria: readonly Criterion[], metrics: MetricValues): CriterionResult[] {
  return criteria.map(({ metric, atLeast, atMost }) => {
    const value = metrics[metric]
    const limits = [atLeast, atMost].filter((limit) => limit !== undefined)
    return {
      metric,
      ...(atLeast === undefined ? {} : { at_least: atLeast }),
      ...(atMost === undefined ? {} : { at_most: atMost }),
      ...(value === undefined ? {} : { value }),
      met: value !== undefined && value.value >= (atLeast ?? -Infinity) && value.value <= (atMost ?? Infinity),
      uncertain: value !== undefined && limits.some((limit) => value.low < limit && limit <= value.high),
    }
  })
}

/** Whether the model beats the baseline on the deciding metric beyond chance, and meets the criteria. */
export function verdictOf(
  metric: MetricName,
  comparison: PairedComparison | undefined,
  criteria: readonly CriterionResult[],
): Verdict {
  return {
    againstBaseline: comparison === undefined ? 'undefined' : sideOf(metric, comparison),
    ...(criteria.length === 0 ? {} : { criteriaMet: criteria.every((criterion) => criterion.met) }),
  }
}

function sideOf(metric: MetricName, { low, high }: PairedComparison): 'better' | 'worse' | 'indistinguishable' {
  if (low <= 0 && high >= 0) return 'indistinguishable'
  return low > 0 === METRICS[metric].higherIsBetter ? 'better' : 'worse'
}
