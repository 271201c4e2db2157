import type { CanaryReport, CanaryTraffic, CriterionReport } from '../../client/serving-wire.ts'
import { Chip } from '../../components/chip.tsx'
import { Section } from '../../components/facts.tsx'
import { Meter } from '../../components/meter.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { formatCount, formatLatency, formatNumber, formatPercent } from '../../format/format.ts'
import { canaryOutlook, evidenceShare } from '../../state/serving/canary-outlook.ts'
import styles from './deployments.module.css'

/** How far a canary is, what will decide over it, and how near each criterion is to taking it back. */
export function CanarySection({
  title,
  traffic,
  canary,
}: {
  readonly title: string
  readonly traffic: CanaryTraffic
  readonly canary: CanaryReport
}) {
  const { status, answers, criteria } = canary
  return (
    <Section title={title} aside={<Verdict status={status} />}>
      {status === 'running' && <Progress traffic={traffic} canary={canary} />}
      <p className={styles.quiet}>
        {formatCount(answers.canary, 'answer')} of {traffic.canary}, {formatCount(answers.control, 'answer')} of its
        control of the same size.
      </p>
      <CriterionTable criteria={criteria} />
      <p className={styles.quiet}>
        Evidence may be looked at at any time. A canary that is no worse than tolerated is rolled back with a
        probability of at most {formatPercent(traffic.maxFalseRollbackRate)}.
      </p>
    </Section>
  )
}

function Verdict({ status }: { readonly status: CanaryReport['status'] }) {
  if (status === 'running') return <Chip tone="accent">running</Chip>
  return status === 'promoted' ? <Chip tone="good">promoted</Chip> : <Chip tone="bad">rolled back</Chip>
}

function Progress({ traffic, canary }: { readonly traffic: CanaryTraffic; readonly canary: CanaryReport }) {
  const { stage, progress, next, back } = canaryOutlook(traffic, canary)
  return (
    <div className={styles.outlook}>
      <ol className={styles.stages} aria-label="Stages">
        {traffic.stages.map(({ share }, i) => (
          <li key={share} aria-current={i === canary.stage ? 'step' : undefined} data-done={i < canary.stage}>
            {formatPercent(share)}
          </li>
        ))}
        <li>100%</li>
      </ol>
      <Meter label={stage} value={progress} tone="accent" text={formatPercent(progress)} />
      <p>{next}</p>
      <p>{back}</p>
    </div>
  )
}

function CriterionTable({ criteria }: { readonly criteria: readonly CriterionReport[] }) {
  return (
    <PlainTable
      caption="Criteria: the first whose evidence reaches its limit rolls the canary back"
      rows={criteria}
      keyOf={({ name }) => name}
      columns={[
        { label: 'Criterion', cell: ({ name }) => name },
        { label: 'Canary', isNumeric: true, cell: ({ name, canary }) => observedText(name, canary.value) },
        { label: 'Control', isNumeric: true, cell: ({ name, control }) => observedText(name, control.value) },
        { label: 'Evidence against it', cell: (criterion) => <Evidence criterion={criterion} /> },
        { label: 'What was seen', isWide: true, cell: ({ summary }) => summary },
      ]}
    />
  )
}

function observedText(name: string, value: number | null): string {
  if (name.startsWith('latency')) return formatLatency(value)
  if (value === null) return '–'
  return name === 'errors' ? formatPercent(value) : formatNumber(value)
}

function Evidence({ criterion: { name, pValue, alpha, isWorse } }: { readonly criterion: CriterionReport }) {
  const share = evidenceShare({ pValue, alpha })
  const text = isWorse
    ? 'worse'
    : `p ${formatNumber(Number(pValue.toPrecision(2)))}, limit ${formatNumber(Number(alpha.toPrecision(2)))}`
  return (
    <Meter
      label={`Evidence that the canary is worse by ${name}`}
      isLabelHidden
      value={share}
      tone={isWorse ? 'bad' : share > 0.5 ? 'warn' : 'good'}
      text={text}
    />
  )
}
