import {
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  type Section,
  section,
  table,
} from '../../../report/index.ts'
import type { ShadowReport } from '../shadow/shadow-tally.ts'

export function shadowSection(shadows: readonly ShadowReport[]): Section {
  return section({
    id: 'shadows',
    title: 'Shadows',
    intro: 'Copies of requests whose answers were compared and not returned, since the server began.',
    blocks: [
      table({
        caption: 'Agreement with the answer that was given',
        columns: [
          { label: 'Variant' },
          { label: 'Answers', kind: 'number' },
          { label: 'Rows alike', kind: 'number' },
          { label: 'Largest difference', kind: 'number' },
          { label: 'Errors', kind: 'number' },
          { label: 'Skipped', kind: 'number' },
          { label: 'p95', kind: 'number' },
        ],
        rows: shadows.map((shadow) => [
          shadow.variant,
          formatCount(shadow.answers),
          shadow.rows === 0
            ? '–'
            : `${formatPercent(shadow.agreement.value)} (${formatPercent(shadow.agreement.low)} to ${formatPercent(shadow.agreement.high)})`,
          formatNumber(shadow.largestDifference),
          formatCount(shadow.errors),
          formatCount(shadow.skipped),
          formatDuration(shadow.latency.value),
        ]),
      }),
    ],
  })
}
