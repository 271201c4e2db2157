import type { Problem } from '../problem/index.ts'
import {
  callout,
  formatCount,
  formatPercent,
  keyFigures,
  paragraph,
  type Section,
  section,
  table,
} from '../report/index.ts'
import { baselineOf, criterionText } from './problem-statement.ts'
import type { Profile } from './profile.ts'
import { associationSection } from './sections/association-section.ts'
import { columnSection } from './sections/column-section.ts'
import { groupSection } from './sections/group-section.ts'
import { missingSection } from './sections/missing-section.ts'
import { targetSection } from './sections/target-section.ts'
import { timeSection } from './sections/time-section.ts'

const MOST_IMPORTANT = 5

/** The parts of the report in reading order; those with nothing to say are left out. */
export function profileSections(profile: Profile, problem?: Problem): Section[] {
  return [
    summarySection(profile),
    ...(problem ? [problemSection(problem, profile)] : []),
    columnSection(profile),
    ...targetSection(profile),
    ...associationSection(profile),
    missingSection(profile),
    ...timeSection(profile),
    ...groupSection(profile),
    issueSection(profile),
  ]
}

function summarySection(profile: Profile): Section {
  const { rows, columns, issues, duplicates } = profile
  const missing = columns.reduce((sum, column) => sum + column.missing, 0)
  const types = new Map<string, number>()
  for (const { type } of columns) types.set(type, (types.get(type) ?? 0) + 1)
  const important = issues.filter(({ severity }) => severity !== 'neutral').slice(0, MOST_IMPORTANT)
  const warnings = important.map(({ severity, title, evidence, action }) =>
    callout(severity, title, `${action} Evidence: ${evidence.replace(/[.]$/, '')}.`),
  )
  return section({
    id: 'summary',
    title: 'Summary',
    blocks: [
      keyFigures([
        { label: 'Rows', value: formatCount(rows), note: `${formatCount(duplicates.rows)} repeated` },
        {
          label: 'Columns',
          value: formatCount(columns.length),
          note: [...types].map(([type, count]) => `${count} ${type}`).join(', '),
        },
        {
          label: 'Missing values',
          value: formatPercent(missing / (rows * columns.length)),
          note: `in ${columns.filter((column) => column.missing > 0).length} columns`,
        },
        {
          label: 'Warnings',
          value: formatCount(issues.filter(({ severity }) => severity !== 'neutral').length),
          note: `and ${issues.filter(({ severity }) => severity === 'neutral').length} notes`,
        },
      ]),
      ...(warnings.length > 0
        ? warnings
        : [callout('good', 'Nothing stands out', 'None of the checks found anything to be settled before training.')]),
    ],
  })
}

function problemSection(problem: Problem, profile: Profile): Section {
  const limits = [
    ...problem.criteria.map(criterionText),
    ...(problem.constraints.latencyMs === undefined ? [] : [`latency within ${problem.constraints.latencyMs} ms`]),
    ...(problem.constraints.sizeBytes === undefined
      ? []
      : [`model within ${formatCount(problem.constraints.sizeBytes)} bytes`]),
  ]
  return section({
    id: 'problem',
    title: 'Problem',
    blocks: [
      keyFigures([
        { label: 'Task', value: problem.task },
        {
          label: 'Target',
          value: problem.target,
          ...(problem.classes.length === 2 && { note: `positive class: ${problem.classes[1]}` }),
        },
        { label: 'Metric', value: problem.metric },
      ]),
      paragraph(problem.metricReason),
      paragraph(`To beat: ${baselineOf(problem, profile)}.`),
      paragraph(
        limits.length > 0 ? `To succeed: ${limits.join('; ')}.` : 'No success criteria or constraints are given.',
      ),
    ],
  })
}

function issueSection({ issues }: Profile): Section {
  const words = { bad: 'problem', warning: 'warning', neutral: 'note' } as const
  return section({
    id: 'quality',
    title: 'Quality',
    intro: 'Everything that was found, most severe first, with what to do about it.',
    blocks: [
      table({
        caption: 'Findings',
        columns: [{ label: 'finding' }, { label: 'severity' }, { label: 'evidence' }, { label: 'what to do' }],
        rows: issues.map(({ title, severity, evidence, action }) => [
          title,
          { tone: severity, text: words[severity] },
          evidence,
          action,
        ]),
        openRows: 40,
      }),
    ],
  })
}
