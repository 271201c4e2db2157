import { Section } from '../../components/facts.tsx'
import { trafficNotes, trafficRows } from '../../state/serving/traffic-rows.ts'
import { Budgets } from './budgets.tsx'
import { ChangeTrail } from './change-trail.tsx'
import styles from './deployments.module.css'
import { GlanceCharts } from './live-charts.tsx'
import type { DeploymentNow } from './load-deployment.ts'
import { ShadowTable } from './shadow-table.tsx'
import { Study } from './study.tsx'
import { TrafficBar } from './traffic-bar.tsx'
import { TrafficTable } from './traffic-table.tsx'
import { VariantTable } from './variant-table.tsx'

/** What an operator needs first: how well it answers, who answers, what is being found out, who changed what. */
export function Overview({ state, liveHref }: { readonly state: DeploymentNow; readonly liveHref: string }) {
  const { report, history, operations } = state
  const { record, variants, canary, concluded, shadows } = report
  const rows = trafficRows(record, variants, canary)
  return (
    <div className={styles.columns}>
      <div>
        {operations && (
          <Section title="Now" aside={<a href={liveHref}>All live charts</a>}>
            <GlanceCharts record={record} operations={operations} />
          </Section>
        )}
        <Section title="Traffic">
          <TrafficBar rows={rows} />
          <TrafficTable rows={rows} />
          <ul className={styles.notes}>
            {trafficNotes(record).map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Section>
        <Study evidence={report} when="now" />
        <Section title="Variants">
          <VariantTable variants={variants} />
        </Section>
        {shadows.length > 0 && (
          <Section title="Shadows">
            <ShadowTable shadows={shadows} />
          </Section>
        )}
        {concluded && <Study evidence={concluded} when="before" />}
      </div>
      <aside className={styles.aside} aria-label="Budgets and changes">
        {operations && <Budgets operations={operations} />}
        <Section title="Changes">
          <ChangeTrail history={history} />
        </Section>
      </aside>
    </div>
  )
}
