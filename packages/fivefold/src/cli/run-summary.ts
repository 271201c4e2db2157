import { join, relative } from 'node:path'
import { formatMetric } from '../evaluate/index.ts'
import type { MetricName, MetricValue, MetricValues } from '../metrics/index.ts'
import { formatBytes, formatCount, formatDuration, formatInterval, formatNumber } from '../report/index.ts'
import type { RunRecord } from '../workflow/index.ts'

/** What a run found, in a screenful: the verdict first, then where to look and what to try next. */
export function runSummary(record: RunRecord, out: string): string {
  const where = relative('.', out) || '.'
  return [
    headline(record),
    '',
    ...metricLines(record),
    '',
    ...leaderboardLines(record),
    '',
    `model     ${join(where, 'model')}  ${formatBytes(record.model.sizeBytes)}, one row in ${formatDuration(record.model.latencyMs.p50)} (p95 ${formatDuration(record.model.latencyMs.p95)})`,
    `reports   ${join(where, 'reports', 'profile.html')}, ${join(where, 'reports', 'evaluation.html')}`,
    ...(record.model.version ? [`registry  ${record.model.version}`] : []),
    `time      ${record.stages.map(({ name, seconds, cached }) => `${name} ${cached ? 'cached' : formatDuration(seconds * 1000)}`).join(', ')}`,
    ...criteriaLines(record),
    ...warningLines(record),
    '',
    'next',
    `  npx fivefold serve --model ${join(where, 'model')}`,
    `  npx fivefold predict --model ${join(where, 'model')} --data new.csv --out predictions.csv`,
    `  npx fivefold monitor --reference ${join(where, 'model')} --current new.csv`,
  ].join('\n')
}

function headline(record: RunRecord): string {
  const { target, task, metric, test, baseline } = record
  const measured = test.metrics[metric]
  const before = baseline.metrics[metric]
  const positive =
    record.positiveClass === undefined
      ? ''
      : `, positive class '${record.positiveClass}' from a probability of ${formatNumber(record.model.threshold ?? 0.5)}`
  return `${task} of '${target}'${positive}: ${metric} ${show(metric, measured)} on ${formatCount(test.rows)} test rows (${test.protocol}); baseline ${show(metric, before)}${biasText(record)}`
}

const show = (name: MetricName, value: MetricValue | undefined): string =>
  value ? formatMetric(name, value) : 'undefined'

function biasText({ test: { bias } }: RunRecord): string {
  if (bias === undefined) return ''
  const direction = bias.low > 0 ? ': too low on average' : bias.high < 0 ? ': too high on average' : ''
  return `; mean residual ${formatInterval(bias)}${direction}`
}

function metricLines({ test, baseline }: RunRecord): string[] {
  const names = Object.keys(test.metrics) as MetricName[]
  const width = Math.max(...names.map((name) => name.length))
  const line = (name: MetricName, values: MetricValues): string => show(name, values[name]).padEnd(30)
  return [
    `${' '.repeat(width)}  ${'model'.padEnd(30)}  baseline`,
    ...names.map((name) => `${name.padEnd(width)}  ${line(name, test.metrics)}  ${show(name, baseline.metrics[name])}`),
  ]
}

function leaderboardLines({ leaderboard, metric, sampled }: RunRecord): string[] {
  const width = Math.max(...leaderboard.map((entry) => entry.estimator.length))
  return [
    `leaderboard (${metric} on held-out training rows${sampled?.compared ? ` of a sample of ${formatCount(sampled.compared.rows)}` : ''})`,
    ...leaderboard.map(
      (entry) =>
        `  ${entry.estimator.padEnd(width)}  ${show(metric, entry.metrics[metric])}  ${formatDuration(entry.fitSeconds * 1000)}${entry.excluded ? `  excluded: ${entry.excluded}` : ''}`,
    ),
  ]
}

function criteriaLines({ criteria }: RunRecord): string[] {
  return criteria.map(({ metric, at_least, at_most, met }) => {
    const limit = at_least === undefined ? `at most ${at_most}` : `at least ${at_least}`
    return `criterion ${metric} ${limit}: ${met ? 'met' : 'NOT MET'}`
  })
}

function warningLines({ warnings }: RunRecord): string[] {
  return warnings.length === 0 ? [] : ['', 'look at', ...warnings.map((warning) => `  ${warning}`)]
}
