import { formatInterval, formatPercent } from '../report/index.ts'
import type { RegressionDetail } from './evaluation.ts'

/** Whether predictions are too high or too low on average, in a sentence with the interval. */
export function biasText({ bias, byPredicted }: RegressionDetail): string {
  const residual = `the mean residual (actual − predicted) is ${formatInterval(bias)}`
  if (bias.low <= 0 && bias.high >= 0) return `No clear bias: ${residual}.`
  const rows = byPredicted.reduce((sum, bin) => sum + bin.rows, 0)
  const mean = byPredicted.reduce((sum, bin) => sum + bin.actual * bin.rows, 0) / rows
  const share = mean === 0 ? '' : `, ${formatPercent(Math.abs(bias.value / mean))} of the mean`
  return `Predictions are too ${bias.value > 0 ? 'low' : 'high'} on average: ${residual}${share}.`
}
