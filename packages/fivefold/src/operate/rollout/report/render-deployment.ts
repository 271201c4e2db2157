import {
  type Block,
  type Cell,
  callout,
  chart,
  formatAlike,
  formatCount,
  formatDuration,
  formatFixed,
  formatInterval,
  formatNumber,
  formatPercent,
  formatPValue,
  formatTime,
  htmlDocument,
  intervalChart,
  keyFigures,
  list,
  paragraph,
  type Section,
  section,
  table,
} from '../../../report/index.ts'
import type { CanaryReport } from '../canary/canary.ts'
import type { ConcludedReport, DeploymentReport } from '../deployment/deployment.ts'
import type { DeploymentRecord } from '../deployment/deployment-record.ts'
import type { VariantReport } from '../deployment/evidence.ts'
import type { ExperimentComparison, ExperimentReport } from '../experiment/experiment.ts'
import type { Traffic } from '../policy/traffic-policy.ts'
import type { ShadowReport } from '../shadow/shadow-tally.ts'

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

type When = 'now' | 'before'

/** Of the policy that runs, or of the last one that had something to find out. */
function studySections(report: ConcludedReport, when: When): Section[] {
  const { canary, experiment, bandit, record } = report
  return [
    ...(canary ? [canarySection(record, canary, when)] : []),
    ...(experiment ? [experimentSection(experiment, when)] : []),
    ...(bandit ? [banditSection(bandit, when)] : []),
  ]
}

const headOf = (what: 'Canary' | 'Experiment' | 'Bandit', when: When): { id: string; title: string } => ({
  id: `${when}-${what.toLowerCase()}`,
  title: when === 'now' ? what : `Last ${what.toLowerCase()}`,
})

function describeTraffic(traffic: Traffic): string {
  switch (traffic.kind) {
    case 'single':
      return `${traffic.variant} answers`
    case 'split':
      return `${weightsText(traffic.weights)} by weight`
    case 'experiment':
      return `experiment: ${weightsText(traffic.weights)}, against ${traffic.control}`
    case 'canary':
      return `canary ${traffic.canary} beside ${traffic.stable}`
    case 'bandit':
      return `bandit over ${traffic.arms.join(', ')} by ${traffic.reward}`
  }
}

function weightsText(weights: Readonly<Record<string, number>>): string {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
  return Object.entries(weights)
    .map(([variant, weight]) => `${variant} ${formatPercent(weight / total, 0)}`)
    .join(', ')
}

function canarySection(record: DeploymentRecord, canary: CanaryReport, when: When): Section {
  const { answers, criteria } = canary
  return section({
    ...headOf('Canary', when),
    blocks: [
      canaryVerdict(record, canary),
      keyFigures([
        {
          label: 'Share',
          value: formatPercent(canary.share),
          note: `stage ${canary.stage + 1}, and as much to its control`,
        },
        {
          label: 'Answers',
          value: formatCount(answers.canary),
          note: `${formatCount(answers.control)} of its control`,
        },
        { label: 'In this stage', value: formatCount(canary.stageAnswers), ...stageGoal(record, canary) },
      ]),
      table({
        caption: 'Criteria: any of them rolls back at its level',
        columns: [
          { label: 'Criterion' },
          { label: 'Verdict', kind: 'number' },
          { label: 'Canary', kind: 'number' },
          { label: 'Control', kind: 'number' },
          { label: 'p-value', kind: 'number' },
          { label: 'Level', kind: 'number' },
          { label: 'What was seen' },
        ],
        rows: criteria.map((criterion): Cell[] => [
          criterion.name,
          criterion.isWorse ? { tone: 'bad', text: 'worse' } : { tone: 'good', text: 'tolerated' },
          ...observedText(criterion.name, [criterion.canary.value, criterion.control.value]),
          formatPValue(criterion.pValue),
          formatFixed(criterion.alpha, 4),
          criterion.summary,
        ]),
      }),
    ],
  })
}

function observedText(criterion: string, values: readonly number[]): readonly string[] {
  if (criterion.startsWith('latency')) return values.map((value) => formatDuration(value))
  return criterion === 'errors' ? values.map((value) => formatPercent(value, 2)) : formatAlike(values)
}

function stageGoal({ policy: { traffic } }: DeploymentRecord, { stage }: CanaryReport): { note?: string } {
  const goal = traffic.kind === 'canary' ? traffic.stages[stage] : undefined
  return goal ? { note: `of ${formatCount(goal.requests)}` } : {}
}

function canaryVerdict(record: DeploymentRecord, { status, criteria }: CanaryReport): Block {
  const worse = criteria.filter(({ isWorse }) => isWorse).map(({ name }) => name)
  if (status === 'rolledBack')
    return callout('bad', 'Rolled back', `Worse than tolerated by ${worse.join(', ') || 'a criterion'}.`)
  if (status === 'promoted') return callout('good', 'Promoted', 'No worse than tolerated in any stage.')
  const { traffic } = record.policy
  const rate = traffic.kind === 'canary' ? formatPercent(traffic.maxFalseRollbackRate) : ''
  return callout(
    'good',
    'Running',
    `Nothing speaks against it so far. A canary that is no worse than tolerated is rolled back with a probability of at most ${rate}, however often it is looked at.`,
  )
}

const VERDICT_TONE = { better: 'good', worse: 'bad', undecided: 'warning' } as const

function experimentSection({ comparisons, sampleRatio, alpha, control }: ExperimentReport, when: When): Section {
  const metrics = [...new Set(comparisons.map(({ metric }) => metric))]
  return section({
    ...headOf('Experiment', when),
    intro: `Differences from ${control}, each with an interval that holds at all times at once at level ${formatFixed(alpha, 4)}.`,
    blocks: [
      experimentVerdict(comparisons, sampleRatio),
      ...metrics.map((metric) => differenceChart(metric, comparisons)),
      comparisonTable(comparisons),
      ratioTable(sampleRatio),
    ],
  })
}

function experimentVerdict(
  comparisons: readonly ExperimentComparison[],
  ratio: ExperimentReport['sampleRatio'],
): Block {
  if (ratio.isMismatch)
    return callout(
      'bad',
      'Sample ratio mismatch',
      'Units are not divided as the weights say. Find the cause first: no comparison can be trusted until then.',
    )
  const decided = comparisons.filter(({ verdict }) => verdict !== 'undecided')
  if (decided.length === 0)
    return callout('warning', 'Undecided', 'No difference is certain yet. It does no harm to look again.')
  const text = decided.map(({ variant, metric, verdict }) => `${variant} is ${verdict} by ${metric}`).join('; ')
  return callout(decided.some(({ verdict }) => verdict === 'worse') ? 'bad' : 'good', 'Decided', `${text}.`)
}

function differenceChart(metric: string, comparisons: readonly ExperimentComparison[]): Block {
  const rows = comparisons
    .filter((comparison) => comparison.metric === metric && Number.isFinite(comparison.low + comparison.high))
    .map(({ variant, difference, low, high, verdict }) => ({
      ...{ name: variant, value: difference, low, high, highlighted: verdict !== 'undecided' },
    }))
  if (rows.length === 0) return paragraph(`${metric}: too few units for an interval.`)
  const edges = rows.flatMap(({ low, high }) => [low, high, 0])
  const span = Math.max(...edges) - Math.min(...edges)
  return chart({
    title: metric,
    svg: intervalChart({
      ...{ label: `Differences in ${metric}`, rows, x: 'difference from the control', level: 0 },
      domain: [Math.min(...edges) - span * 0.05, Math.max(...edges) + span * 0.05],
    }),
    caption: 'The dashed line is no difference; a square is decided.',
  })
}

function comparisonTable(comparisons: readonly ExperimentComparison[]): Block {
  return table({
    caption: 'Comparisons',
    columns: [
      { label: 'Variant and metric' },
      { label: 'Verdict', kind: 'number' },
      { label: 'Units', kind: 'number' },
      { label: 'Means', kind: 'number' },
      { label: 'Difference', kind: 'number' },
      { label: 'p-value', kind: 'number' },
      { label: 'CUPED', kind: 'number' },
    ],
    rows: comparisons.map((comparison): Cell[] => {
      const { difference: value, low, high, treatment, control, varianceReduction } = comparison
      return [
        `${comparison.variant}, ${comparison.metric}`,
        { tone: VERDICT_TONE[comparison.verdict], text: comparison.verdict },
        `${formatCount(treatment.count)} / ${formatCount(control.count)}`,
        formatAlike([treatment.mean, control.mean]).join(' / '),
        Number.isFinite(low + high) ? formatInterval({ value, low, high }) : '–',
        formatPValue(comparison.pValue),
        varianceReduction === undefined ? '–' : `−${formatPercent(varianceReduction, 0)}`,
      ]
    }),
  })
}

function ratioTable({ counts, shares, pValue, isMismatch }: ExperimentReport['sampleRatio']): Block {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return table({
    caption: `Sample ratio: ${isMismatch ? 'mismatch' : 'as intended'}, always-valid ${formatPValue(pValue)}`,
    columns: [
      { label: 'Variant' },
      { label: 'Units', kind: 'number' },
      { label: 'Share', kind: 'number' },
      { label: 'Intended', kind: 'number' },
    ],
    rows: Object.keys(counts).map((variant) => [
      variant,
      formatCount(counts[variant]!),
      formatPercent(total === 0 ? undefined : counts[variant]! / total),
      formatPercent(shares[variant]!),
    ]),
  })
}

function banditSection(arms: NonNullable<DeploymentReport['bandit']>, when: When): Section {
  return section({
    ...headOf('Bandit', when),
    blocks: [
      table({
        caption: 'Arms: means are biased, since who gets an arm depends on how it fared',
        columns: [{ label: 'Arm' }, { label: 'Rewards', kind: 'number' }, { label: 'Mean reward', kind: 'number' }],
        rows: arms.map(({ arm, count, meanReward }) => [arm, formatCount(count), formatNumber(meanReward)]),
      }),
    ],
  })
}

function variantSection(variants: readonly VariantReport[]): Section {
  const rows = variants
    .filter(({ latency: { p95 } }) => Number.isFinite(p95.low + p95.high))
    .map(({ variant, latency: { p95 } }) => ({ name: variant, ...p95 }))
  return section({
    id: 'variants',
    title: 'Variants',
    blocks: [
      table({
        caption: 'Since the policy began',
        columns: [
          { label: 'Variant' },
          { label: 'Answers', kind: 'number' },
          { label: 'Errors', kind: 'number' },
          { label: 'p50', kind: 'number' },
          { label: 'p95', kind: 'number' },
          { label: 'p99', kind: 'number' },
        ],
        rows: variants.map(({ variant, answers, errors, latency }) => [
          variant,
          formatCount(answers),
          `${formatCount(errors)} (${formatPercent(answers === 0 ? undefined : errors / answers, 2)})`,
          ...[latency.p50, latency.p95, latency.p99].map(({ value }) => formatDuration(value)),
        ]),
      }),
      ...(rows.length === 0
        ? []
        : [
            chart({
              title: '95th percentile of latency',
              svg: intervalChart({ label: '95th percentile of latency by variant', rows, x: 'milliseconds' }),
              caption:
                'With intervals that hold at all times at once, 95% each. They assume nothing of the distribution.',
            }),
          ]),
    ],
  })
}

function shadowSection(shadows: readonly ShadowReport[]): Section {
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

const ACTION_WORDS = {
  create: 'created',
  update: 'changed',
  advance: 'next stage',
  promote: 'promoted',
  rollBack: 'rolled back',
} as const

function auditSection(history: readonly DeploymentRecord[]): Section {
  return section({
    id: 'audit',
    title: 'Changes',
    intro: 'Latest first. Every version is kept as it was.',
    blocks: [
      table({
        caption: 'Who changed what, when and why',
        columns: [
          { label: 'Version' },
          { label: 'When', kind: 'number' },
          { label: 'Traffic after' },
          { label: 'Why' },
        ],
        rows: history
          .toReversed()
          .map(({ version, change, policy }) => [
            `${version}, ${ACTION_WORDS[change.action]} by ${change.by}`,
            formatTime(change.timeMs),
            describeTraffic(policy.traffic),
            change.reason || '–',
          ]),
      }),
    ],
  })
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
