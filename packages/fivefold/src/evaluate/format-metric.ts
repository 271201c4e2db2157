import type { MetricName, MetricValue } from '../metrics/index.ts'
import { formatInterval, formatNumber } from '../report/index.ts'

const SHARES: readonly MetricName[] = ['mape', 'wape', 'smape']

/** Whether a metric is in the unit of the target. */
export const hasUnit = (name: MetricName): boolean => name === 'mae' || name === 'rmse'

/** A metric to read: relative errors in percent, the others as they are. */
export function formatMetric(name: MetricName, measured: MetricValue | undefined): string {
  if (measured === undefined || !SHARES.includes(name)) return formatInterval(measured)
  const { value, low, high } = measured
  return formatInterval({ value: value * 100, low: low * 100, high: high * 100 }, '%')
}

export function formatMetricNumber(name: MetricName, value: number): string {
  return SHARES.includes(name) ? `${formatNumber(value * 100, 3)}%` : formatNumber(value, 3)
}
