import type { Objective, SloReport } from '../../client/serving-wire.ts'
import { Meter } from '../../components/meter.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { formatCount, formatLatency, formatNumber, formatPercent, formatSpan } from '../../format/format.ts'
import styles from './deployments.module.css'

/** What is left of each objective's budget, and how fast it is spent. Objectives are of the server, over all its models. */
export function SloFacts({ slo }: { readonly slo: SloReport | null }) {
  if (!slo) return <p className={styles.none}>No objective is set for this server.</p>
  return (
    <>
      {slo.objectives.map((objective) => (
        <ObjectiveFacts key={objective.name} objective={objective} windowSeconds={slo.windowSeconds} />
      ))}
      {!slo.isKept && <p className={styles.quiet}>Counted since the server began: a restart forgets it.</p>}
    </>
  )
}

function ObjectiveFacts({
  objective,
  windowSeconds,
}: {
  readonly objective: Objective
  readonly windowSeconds: number
}) {
  const { budgetLeft, events, badEvents, coveredSeconds } = objective
  return (
    <div className={styles.objective}>
      <h3>{titleOf(objective)}</h3>
      <Meter
        label={`over ${formatSpan(windowSeconds * 1000)}, of which ${formatSpan(coveredSeconds * 1000)} were counted`}
        value={budgetLeft ?? 1}
        tone={budgetLeft === null || budgetLeft > 0.5 ? 'good' : budgetLeft > 0 ? 'warn' : 'bad'}
        text={budgetLeft === null ? 'nothing counted yet' : `${formatPercent(budgetLeft)} of the budget left`}
      />
      <p className={styles.quiet}>
        {formatCount(badEvents, 'bad event')} of {events.toLocaleString('en-US')}.
      </p>
      <BurnTable objective={objective} />
    </div>
  )
}

function titleOf({ name, target, thresholdMs }: Objective): string {
  return name === 'availability'
    ? `${formatPercent(target)} of requests do not fail`
    : `${formatPercent(target)} are answered within ${formatLatency(thresholdMs)}`
}

/** A rate of 1 spends the whole budget in its window. */
function BurnTable({ objective: { burnRates, alerts } }: { readonly objective: Objective }) {
  return (
    <PlainTable
      caption="Burn rates: 1 spends the budget in exactly its window"
      rows={burnRates}
      keyOf={({ window }) => window}
      columns={[
        { label: 'Window', cell: ({ window }) => window },
        {
          label: 'Burn rate',
          isNumeric: true,
          cell: ({ rate }) => (rate === null ? '–' : formatNumber(Number(rate.toPrecision(3)))),
        },
        {
          label: 'Alerts from',
          isNumeric: true,
          isWide: true,
          cell: ({ window }) => limitsOf(alerts, window) || '–',
        },
      ]}
    />
  )
}

const limitsOf = (alerts: Objective['alerts'], window: string): string =>
  alerts
    .filter(({ longWindow, shortWindow }) => longWindow === window || shortWindow === window)
    .map(({ burnRate, severity, isFiring }) => `${formatNumber(burnRate)} (${severity}${isFiring ? ', firing' : ''})`)
    .join(', ')
