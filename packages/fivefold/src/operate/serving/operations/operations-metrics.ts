import type { MetricSnapshot, SeriesSnapshot } from '../metrics/metric-registry.ts'
import type { CostReport } from './cost.ts'
import type { SloReport } from './slo/slo-report.ts'

/** Objectives and costs for Prometheus. What is not known has no series. */
export const operationsMetrics = (slo: SloReport | undefined, cost: CostReport | null): readonly MetricSnapshot[] => [
  ...(slo ? sloMetrics(slo) : []),
  ...(cost ? costMetrics(cost) : []),
]

function sloMetrics({ objectives }: SloReport): MetricSnapshot[] {
  return [
    gauge(
      'fivefold_slo_objective_ratio',
      'Share of the events that shall be good.',
      ['slo'],
      objectives.map(({ name, target }) => [[name], target]),
    ),
    gauge(
      'fivefold_slo_error_budget_remaining_ratio',
      'Share of the error budget that is left; below 0 where it is overspent.',
      ['slo'],
      objectives.map(({ name, budgetLeft }) => [[name], budgetLeft]),
    ),
    gauge(
      'fivefold_slo_burn_rate',
      'How many times faster than it may the error budget is spent, by window.',
      ['slo', 'window'],
      objectives.flatMap(({ name, burnRates }) => burnRates.map(({ window, rate }): Known => [[name, window], rate])),
    ),
  ]
}

function costMetrics({ currency, pricePerHour, windows }: CostReport): MetricSnapshot[] {
  const { per1000, per1000AtCapacity, utilisation } = windows['1h']
  return [
    gauge(
      'fivefold_price_per_hour',
      'What the server costs an hour, as it was told.',
      ['currency'],
      [[[currency], pricePerHour]],
    ),
    gauge(
      'fivefold_cost_per_1000_predictions',
      'Over the last hour: what a thousand predictions cost as they were served, and at full use.',
      ['currency', 'basis'],
      [
        [[currency, 'served'], per1000],
        [[currency, 'capacity'], per1000AtCapacity],
      ],
    ),
    gauge('fivefold_utilisation_ratio', 'Over the last hour: how busy the processes were.', [], [[[], utilisation]]),
  ]
}

type Known = readonly [values: readonly string[], value: number | null]

function gauge(name: string, help: string, labels: readonly string[], series: readonly Known[]): MetricSnapshot {
  const known = series.flatMap(([values, value]): SeriesSnapshot[] =>
    value === null ? [] : [{ values, numbers: [value] }],
  )
  return { name, help, type: 'gauge', labels, bounds: [], series: known }
}
