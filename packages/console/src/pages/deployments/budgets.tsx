import type { OperationsReport } from '../../client/serving-wire.ts'
import { Section } from '../../components/facts.tsx'
import { CostFacts } from './cost-facts.tsx'
import styles from './deployments.module.css'
import { SloFacts } from './slo-facts.tsx'

const WHOLE = <span className={styles.quiet}>of the whole server</span>

/** What may still fail, and what answers cost. */
export function Budgets({ operations: { slo, cost } }: { readonly operations: OperationsReport }) {
  return (
    <>
      <Section title="Error budget" aside={WHOLE}>
        <SloFacts slo={slo} />
      </Section>
      <Section title="Cost" aside={WHOLE}>
        <CostFacts cost={cost} />
      </Section>
    </>
  )
}
