import type { ShadowReport } from '../../client/serving-wire.ts'
import { PlainTable } from '../../components/plain-table.tsx'
import { formatLatency, formatNumber, formatPercent } from '../../format/format.ts'
import styles from './deployments.module.css'

/** Copies whose answers were compared to those that were given, since the server began. */
export function ShadowTable({ shadows }: { readonly shadows: readonly ShadowReport[] }) {
  const count = (value: number): string => value.toLocaleString('en-US')
  return (
    <PlainTable
      caption="Shadows compared to the answers that were given, since the server began"
      rows={shadows}
      keyOf={({ variant }) => variant}
      columns={[
        { label: 'Variant', isWide: true, cell: ({ variant }) => variant },
        { label: 'Copies answered', isNumeric: true, cell: ({ answers }) => count(answers) },
        { label: 'Rows compared', isNumeric: true, cell: ({ rows }) => count(rows) },
        {
          label: 'Rows alike',
          isNumeric: true,
          cell: ({ rows, agreement: { value, low, high } }) =>
            rows === 0 ? (
              '–'
            ) : (
              <>
                {formatPercent(value)}
                <div className={styles.quiet}>
                  {formatPercent(low)} to {formatPercent(high)}
                </div>
              </>
            ),
        },
        {
          label: 'Largest difference',
          isNumeric: true,
          cell: ({ largestDifference }) => (largestDifference === null ? '–' : formatNumber(largestDifference)),
        },
        { label: 'Failed', isNumeric: true, cell: ({ errors }) => count(errors) },
        { label: 'Not sent', isNumeric: true, cell: ({ skipped }) => count(skipped) },
        { label: 'p95', isNumeric: true, cell: ({ latency }) => formatLatency(latency.value) },
      ]}
    />
  )
}
