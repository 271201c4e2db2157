import {
  type Block,
  type Cell,
  callout,
  formatAlike,
  formatCount,
  formatDuration,
  formatFixed,
  formatPercent,
  formatPValue,
  keyFigures,
  type Section,
  section,
  table,
} from '../../../report/index.ts'
import type { CanaryReport } from '../canary/canary.ts'
import type { DeploymentRecord } from '../deployment/deployment-record.ts'
import { headingOf, type When } from './study-heading.ts'

export function canarySection(record: DeploymentRecord, canary: CanaryReport, when: When): Section {
  const { answers, criteria } = canary
  return section({
    ...headingOf('Canary', when),
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
