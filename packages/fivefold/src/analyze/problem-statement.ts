import type { Criterion, Problem } from '../problem/index.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatFixed,
  formatNumber,
  formatPercent,
  markdownTable,
  markdownText,
} from '../report/index.ts'
import type { Profile } from './profile.ts'

/** The problem in Markdown: task, metric, what the simplest guess reaches, what counts as success, limits, who is protected. */
export function problemStatement(problem: Problem, profile: Profile): string {
  const rows = [
    ['Task', `${problem.task} of ${problem.target}`],
    ['Data', `${formatCount(profile.rows)} rows, ${formatCount(profile.columns.length)} columns, ${profile.location}`],
    ...(problem.classes.length > 0 ? [['Classes', classesOf(problem, profile)]] : []),
    ['Metric', problem.metric],
    ['Why', problem.metricReason],
    ['Baseline', baselineOf(problem, profile)],
  ]
  const warnings = profile.issues.filter(({ severity }) => severity === 'bad')
  return `${[
    `# Problem: predict ${markdownText(problem.target)}`,
    markdownTable(['', ''], rows),
    '## Success criteria',
    criteriaOf(problem),
    '## Constraints',
    constraintsOf(problem),
    '## Protected attributes',
    protectedOf(problem, profile),
    ...(warnings.length > 0
      ? ['## To be settled first', listOf(warnings.map(({ title, action }) => `${title}. ${action}`))]
      : []),
  ].join('\n\n')}\n`
}

const listOf = (items: readonly string[]): string => items.map((item) => `- ${markdownText(item)}`).join('\n')

function classesOf({ classes }: Problem, { targetProfile }: Profile): string {
  const shares = targetProfile?.kind === 'classes' ? targetProfile.classes : []
  const named = classes.slice(0, 20).map((name) => {
    const share = shares.find((entry) => entry.name === name)?.share
    return share === undefined ? name : `${name} (${formatPercent(share)})`
  })
  const rest = classes.length > 20 ? ` and ${classes.length - 20} more` : ''
  return `${named.join(', ')}${rest}${classes.length === 2 ? `; ${classes[1]} is the positive class` : ''}`
}

/** What the simplest constant guess reaches: every candidate is compared to it. */
export function baselineOf(problem: Problem, { targetProfile, columns }: Profile): string {
  if (targetProfile?.kind === 'classes') {
    const [first] = targetProfile.classes
    const shares = targetProfile.classes.map(({ share }) => share)
    const entropy = shares.reduce((sum, share) => sum - share * Math.log(share), 0)
    return `always ${first!.name}: accuracy ${formatFixed(first!.share)}, rocAuc 0.5, logLoss ${formatFixed(entropy)} for the class frequencies`
  }
  const summary = columns.find(({ name }) => name === problem.target)?.numeric
  if (!summary) return 'none'
  return `always the mean ${formatNumber(summary.mean)}: rmse ${formatNumber(summary.sd)}, r2 0`
}

function criteriaOf({ criteria }: Problem): string {
  if (criteria.length === 0)
    return 'None given. A run succeeds when training does; give `criteria` to make it fail below a value.'
  return listOf(criteria.map(criterionText))
}

export function criterionText({ metric, atLeast, atMost }: Criterion): string {
  const bounds = [
    ...(atLeast === undefined ? [] : [`at least ${formatNumber(atLeast)}`]),
    ...(atMost === undefined ? [] : [`at most ${formatNumber(atMost)}`]),
  ]
  return `${metric} ${bounds.join(' and ') || 'is measured'}`
}

function constraintsOf({ constraints }: Problem): string {
  const limits = [
    ...(constraints.latencyMs === undefined
      ? []
      : [`95% of predictions of one row within ${formatDuration(constraints.latencyMs)}`]),
    ...(constraints.sizeBytes === undefined ? [] : [`model of at most ${formatBytes(constraints.sizeBytes)}`]),
  ]
  return limits.length > 0 ? listOf(limits) : 'None given.'
}

function protectedOf({ protectedColumns }: Problem, { groups, issues }: Profile): string {
  const suggested = issues.find(({ kind }) => kind === 'sensitive')
  const hint = suggested ? ` By their names, these may be: ${markdownText(suggested.columns.join(', '))}.` : ''
  if (protectedColumns.length === 0) return `None named.${hint}`
  const lines = protectedColumns.map((name) => {
    const group = groups.find(({ column }) => column === name)
    const ratio =
      group?.rateRatio === null || group?.rateRatio === undefined
        ? ''
        : `; lowest rate over highest ${formatFixed(group.rateRatio, 2)}`
    return `${name}: ${group?.groups.length ?? 0} groups${ratio}`
  })
  return listOf(lines)
}
