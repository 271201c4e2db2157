import { IntervalChart } from '../../charts/interval-chart.tsx'
import type { ExperimentComparison, ExperimentReport } from '../../client/serving-wire.ts'
import { Chip } from '../../components/chip.tsx'
import { Section } from '../../components/facts.tsx'
import { Problem } from '../../components/notice.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { formatNumber, formatPercent } from '../../format/format.ts'
import { groupBy } from '../../state/group-by.ts'
import styles from './deployments.module.css'

const TONES = { better: 'good', worse: 'bad', undecided: 'plain' } as const

/** Effects against the control with intervals that hold whenever somebody looks, and whether units were divided as meant. */
export function ExperimentSection({
  title,
  experiment,
}: {
  readonly title: string
  readonly experiment: ExperimentReport
}) {
  const { comparisons, sampleRatio, control, alpha } = experiment
  return (
    <Section title={title} aside={<Verdict experiment={experiment} />}>
      {sampleRatio.isMismatch && (
        <Problem>
          Units are not divided as the weights say. Find the cause first: no comparison can be trusted until then.
        </Problem>
      )}
      <div className={styles.effects}>
        {[...groupBy(comparisons, ({ metric }) => metric)].map(([metric, rows]) => (
          <IntervalChart
            key={metric}
            title={`${metric}, difference from ${control}`}
            rows={rows.map(({ variant, difference, low, high, verdict }) => ({
              ...{ label: variant, value: difference, low, high, tone: TONES[verdict] },
            }))}
          />
        ))}
      </div>
      <ComparisonTable comparisons={comparisons} />
      <SampleRatioTable sampleRatio={sampleRatio} />
      <p className={styles.quiet}>
        Intervals are confidence sequences: they hold at all times at once, each at level{' '}
        {formatNumber(Number(alpha.toPrecision(2)))}. Once decided a verdict stays.
      </p>
    </Section>
  )
}

function Verdict({ experiment: { comparisons, sampleRatio } }: { readonly experiment: ExperimentReport }) {
  if (sampleRatio.isMismatch) return <Chip tone="bad">sample ratio mismatch</Chip>
  const decided = comparisons.filter(({ verdict }) => verdict !== 'undecided')
  if (decided.length === 0) return <Chip>undecided</Chip>
  return (
    <>
      {decided.map(({ variant, metric, verdict }) => (
        <Chip key={`${variant} ${metric}`} tone={TONES[verdict]}>
          {variant} is {verdict} by {metric}
        </Chip>
      ))}
    </>
  )
}

function ComparisonTable({ comparisons }: { readonly comparisons: readonly ExperimentComparison[] }) {
  const number = (value: number | null): string => (value === null ? '–' : formatNumber(Number(value.toPrecision(4))))
  return (
    <PlainTable
      caption="Comparisons with the control"
      rows={comparisons}
      keyOf={({ variant, metric }) => `${variant} ${metric}`}
      columns={[
        { label: 'Variant', cell: ({ variant }) => variant },
        { label: 'Metric', cell: ({ metric, goal }) => `${metric}, to ${goal}` },
        { label: 'Verdict', isWide: true, cell: ({ verdict }) => <Chip tone={TONES[verdict]}>{verdict}</Chip> },
        {
          label: 'Units',
          isNumeric: true,
          cell: ({ treatment, control }) =>
            `${treatment.count.toLocaleString('en-US')} / ${control.count.toLocaleString('en-US')}`,
        },
        {
          label: 'Means',
          isNumeric: true,
          cell: ({ treatment, control }) => `${number(treatment.mean)} / ${number(control.mean)}`,
        },
        {
          label: 'Difference',
          isNumeric: true,
          cell: ({ difference, low, high }) =>
            low === null || high === null ? (
              '–'
            ) : (
              <>
                {number(difference)}
                <div className={styles.quiet}>
                  {number(low)} to {number(high)}
                </div>
              </>
            ),
        },
        {
          label: 'p',
          isNumeric: true,
          cell: ({ pValue }) => (pValue === null ? '–' : formatNumber(Number(pValue.toPrecision(2)))),
        },
        {
          label: 'CUPED',
          isNumeric: true,
          cell: ({ varianceReduction }) =>
            varianceReduction === undefined ? '–' : `−${formatPercent(varianceReduction)}`,
        },
      ]}
    />
  )
}

function SampleRatioTable({ sampleRatio }: { readonly sampleRatio: ExperimentReport['sampleRatio'] }) {
  const { counts, shares, pValue, isMismatch } = sampleRatio
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return (
    <>
      <h3 className={styles.subtitle}>
        Sample ratio: {isMismatch ? 'mismatch' : 'as intended'} (p {formatNumber(Number(pValue.toPrecision(2)))})
      </h3>
      <PlainTable
        caption="Units of each variant beside what the weights intend"
        rows={Object.keys(counts)}
        keyOf={(variant) => variant}
        columns={[
          { label: 'Variant', isWide: true, cell: (variant) => variant },
          { label: 'Units', isNumeric: true, cell: (variant) => counts[variant]!.toLocaleString('en-US') },
          {
            label: 'Share',
            isNumeric: true,
            cell: (variant) => formatPercent(total === 0 ? undefined : counts[variant]! / total),
          },
          { label: 'Intended', isNumeric: true, cell: (variant) => formatPercent(shares[variant]) },
        ]}
      />
    </>
  )
}
