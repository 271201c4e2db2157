/** Every metric name of the public contract, and whether more is better. */
export const METRICS = {
  accuracy: { task: 'classification', higherIsBetter: true },
  balancedAccuracy: { task: 'classification', higherIsBetter: true },
  precision: { task: 'classification', higherIsBetter: true },
  recall: { task: 'classification', higherIsBetter: true },
  f1: { task: 'classification', higherIsBetter: true },
  rocAuc: { task: 'classification', higherIsBetter: true },
  prAuc: { task: 'classification', higherIsBetter: true },
  logLoss: { task: 'classification', higherIsBetter: false },
  brier: { task: 'classification', higherIsBetter: false },
  mae: { task: 'regression', higherIsBetter: false },
  rmse: { task: 'regression', higherIsBetter: false },
  mape: { task: 'regression', higherIsBetter: false },
  wape: { task: 'regression', higherIsBetter: false },
  smape: { task: 'regression', higherIsBetter: false },
  r2: { task: 'regression', higherIsBetter: true },
} as const

export type MetricName = keyof typeof METRICS

/** A measured value with its 95% interval. Never shown without it. */
export interface MetricValue {
  readonly value: number
  readonly low: number
  readonly high: number
}

export type MetricValues = Partial<Record<MetricName, MetricValue>>

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[]

export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name)
}
