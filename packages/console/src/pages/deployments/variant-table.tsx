import type { PercentileName, VariantReport } from '../../client/serving-wire.ts'
import { PlainTable } from '../../components/plain-table.tsx'
import { formatLatency, formatPercent } from '../../format/format.ts'
import styles from './deployments.module.css'

/** Latencies with the intervals in which they lie at all times at once, 95% each. */
export function VariantTable({ variants }: { readonly variants: readonly VariantReport[] }) {
  return (
    <>
      <PlainTable
        caption="Answers of each variant since the policy began"
        rows={variants}
        keyOf={({ variant }) => variant}
        columns={[
          { label: 'Variant', isWide: true, cell: ({ variant }) => variant },
          { label: 'Answers', isNumeric: true, cell: ({ answers }) => answers.toLocaleString('en-US') },
          {
            label: 'Errors',
            isNumeric: true,
            cell: ({ answers, errors }) =>
              `${errors.toLocaleString('en-US')} (${formatPercent(answers === 0 ? undefined : errors / answers)})`,
          },
          ...(['p50', 'p95', 'p99'] as const).map((name: PercentileName) => ({
            label: name,
            isNumeric: true,
            cell: ({ latency }: VariantReport) => <LatencyCell interval={latency[name]} />,
          })),
        ]}
      />
      <p className={styles.quiet}>
        Since the policy began; below each latency the interval that it lies in, whenever you look.
      </p>
    </>
  )
}

function LatencyCell({ interval: { value, low, high } }: { readonly interval: VariantReport['latency']['p50'] }) {
  return (
    <>
      {formatLatency(value)}
      {value !== null && (
        <div className={styles.quiet}>
          {formatLatency(low)} to {high === null ? 'unknown' : formatLatency(high)}
        </div>
      )}
    </>
  )
}
