import type { HistogramBin } from '../../report/index.ts'
import type { Histogram } from '../profile.ts'

export function binsOfHistogram({ from, binWidth, counts }: Histogram): HistogramBin[] {
  return counts.map((count, i) => ({ from: from + i * binWidth, to: from + (i + 1) * binWidth, count }))
}
