import { formatTime, htmlDocument, list, type Section, section } from '../../../report/index.ts'
import type { ConcludedReport, DeploymentReport } from '../deployment/deployment.ts'
import type { DeploymentRecord } from '../deployment/deployment-record.ts'
import type { ShadowReport } from '../shadow/shadow-tally.ts'
import { auditSection } from './audit-section.ts'
import { banditSection } from './bandit-section.ts'
import { canarySection } from './canary-section.ts'
import { experimentSection } from './experiment-section.ts'
import { shadowSection } from './shadow-section.ts'
import type { When } from './study-heading.ts'
import { describeTraffic } from './traffic-words.ts'
import { variantSection } from './variant-section.ts'

export interface DeploymentPage {
  readonly report: DeploymentReport
  /** Oldest first. */
  readonly history: readonly DeploymentRecord[]
  readonly shadows?: readonly ShadowReport[]
}

/** A self-contained HTML page of a deployment: what is decided first, then the evidence, then who changed what. */
export function renderDeploymentHtml({ report, history, shadows = [] }: DeploymentPage): string {
  const { record, concluded } = report
  return htmlDocument({
    title: `Deployment ${record.name}`,
    subtitle: describeTraffic(record.policy.traffic),
    facts: [
      { label: 'Version', value: String(record.version) },
      { label: 'Changed', value: `${formatTime(record.change.timeMs)} by ${record.change.by}` },
      { label: 'Sticky by', value: record.policy.stickyBy ?? 'chance, request by request' },
    ],
    sections: [
      ...studySections(report, 'now'),
      variantSection(report.variants),
      ...(concluded ? studySections(concluded, 'before') : []),
      ...(shadows.length > 0 ? [shadowSection(shadows)] : []),
      auditSection(history),
      methodSection(),
    ],
  })
}

/** Of the policy that runs, or of the last one that had something to find out. */
function studySections(report: ConcludedReport, when: When): Section[] {
  const { canary, experiment, bandit, record } = report
  return [
    ...(canary ? [canarySection(record, canary, when)] : []),
    ...(experiment ? [experimentSection(experiment, when)] : []),
    ...(bandit ? [banditSection(bandit, when)] : []),
  ]
}

function methodSection(): Section {
  return section({
    id: 'method',
    title: 'How this was decided',
    blocks: [
      list([
        'All p-values and intervals are always valid: they may be looked at after every request without more false alarms.',
        'Canaries: bad events of canary and control, divided one to one at random, by an exact binomial mixture test (Lindon and Malek, 2022). An answer is slow where it takes longer than the control’s quantile so far, times the tolerance.',
        'Experiments: mSPRT (Johari et al., 2017) with CUPED (Deng et al., 2013) where outcomes bring covariates: the column CUPED is the variance that this takes away. The level is divided among all comparisons.',
        'Sample ratio: Dirichlet mixture of the multinomial; an alarm below 0.001 withholds every verdict.',
        'Latency quantiles: ranks from the binomial mixture (Howard and Ramdas, 2022).',
      ]),
    ],
  })
}
