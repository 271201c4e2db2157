import {
  chart,
  formatCount,
  formatDuration,
  formatPercent,
  intervalChart,
  type Section,
  section,
  table,
} from '../../../report/index.ts'
import type { VariantReport } from '../deployment/evidence.ts'

export function variantSection(variants: readonly VariantReport[]): Section {
  const rows = variants
    .filter(({ latency: { p95 } }) => Number.isFinite(p95.low + p95.high))
    .map(({ variant, latency: { p95 } }) => ({ name: variant, ...p95 }))
  return section({
    id: 'variants',
    title: 'Variants',
    blocks: [
      table({
        caption: 'Since the policy began',
        columns: [
          { label: 'Variant' },
          { label: 'Answers', kind: 'number' },
          { label: 'Errors', kind: 'number' },
          { label: 'p50', kind: 'number' },
          { label: 'p95', kind: 'number' },
          { label: 'p99', kind: 'number' },
        ],
        rows: variants.map(({ variant, answers, errors, latency }) => [
          variant,
          formatCount(answers),
          `${formatCount(errors)} (${formatPercent(answers === 0 ? undefined : errors / answers, 2)})`,
          ...[latency.p50, latency.p95, latency.p99].map(({ value }) => formatDuration(value)),
        ]),
      }),
      ...(rows.length === 0
        ? []
        : [
            chart({
              title: '95th percentile of latency',
              svg: intervalChart({ label: '95th percentile of latency by variant', rows, x: 'milliseconds' }),
              caption:
                'With intervals that hold at all times at once, 95% each. They assume nothing of the distribution.',
            }),
          ]),
    ],
  })
}
