import type { EvidenceReport } from '../../client/serving-wire.ts'
import { BanditSection } from './bandit-section.tsx'
import { CanarySection } from './canary-section.tsx'
import { ExperimentSection } from './experiment-section.tsx'

/** What is being found out, or what the last policy found out that had a question. */
export function Study({ evidence, when }: { readonly evidence: EvidenceReport; readonly when: 'now' | 'before' }) {
  const { canary, experiment, bandit, record } = evidence
  const { traffic } = record.policy
  const titled = (what: string): string => (when === 'now' ? what : `Last ${what.toLowerCase()}`)
  return (
    <>
      {canary && traffic.kind === 'canary' && (
        <CanarySection title={titled('Canary')} traffic={traffic} canary={canary} />
      )}
      {experiment && <ExperimentSection title={titled('Experiment')} experiment={experiment} />}
      {bandit && traffic.kind === 'bandit' && (
        <BanditSection title={titled('Bandit')} traffic={traffic} arms={bandit} variants={evidence.variants} />
      )}
    </>
  )
}
