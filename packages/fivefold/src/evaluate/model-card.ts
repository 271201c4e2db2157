import { METRICS, type MetricName } from '../metrics/index.ts'
import type { Problem } from '../problem/index.ts'
import {
  escapeMarkdown,
  formatCount,
  formatFixed,
  formatInterval,
  formatNumber,
  formatPercent,
  formatPValue,
  formatTime,
  markdownTable,
} from '../report/index.ts'
import type { Evaluation, GroupGap } from './evaluation.ts'
import { frontMatter } from './model-card-front-matter.ts'
import type { ModelCardInput } from './model-card-input.ts'
import { MEASURE_NAMES, sliceName } from './report-parts-of-data.ts'
import { limitText } from './report-summary.ts'
import type { ColumnSummary } from './summarize-columns.ts'

const MAX_SLICES = 8

/**
 * The model card (Mitchell et al., 2019) as Markdown with the Hugging Face hub's front matter. Limits are what was
 * measured: weak slices, ranges and gaps of the training data, differences between groups. No clock and no latency, so
 * that the same model gives the same bytes.
 */
export function modelCard(input: ModelCardInput): string {
  const { name, evaluation } = input
  const parts = [
    frontMatter(input),
    `# ${escapeMarkdown(name)}`,
    summaryText(input),
    '## Intended use',
    useText(input),
    '## Metrics',
    metricsText(evaluation),
    '## Limits',
    limitsText(input),
    '## Training data',
    dataText(input),
    '## Ethical considerations',
    ethicsText(evaluation, input.problem),
  ]
  return `${parts.join('\n\n')}\n`
}

function summaryText({ estimator, problem, evaluation }: ModelCardInput): string {
  const { metric, metrics, baseline, verdict, protocol } = evaluation
  const against = {
    better: 'better than the baseline',
    worse: 'worse than the baseline',
    indistinguishable: 'not distinguishable from the baseline',
    undefined: 'not comparable with the baseline',
  }[verdict.againstBaseline]
  const kind = problem.task === 'classification' ? `one of ${problem.classes.length} classes` : 'a number'
  return [
    `Predicts \`${codeText(problem.target)}\` (${kind}) with ${escapeMarkdown(estimator)}, from raw columns, in one ONNX graph.`,
    `On ${formatCount(protocol.rows)} rows that it was not fitted on, ${metric} is **${formatInterval(metrics[metric])}** (95% interval); the baseline's is ${formatInterval(baseline[metric])}. It is ${against}.`,
  ].join('\n')
}

function useText({ intendedUse, problem, evaluation }: ModelCardInput): string {
  const stated = intendedUse === undefined ? 'Its makers have not stated an intended use.' : escapeMarkdown(intendedUse)
  const classes =
    problem.task === 'classification'
      ? ` The classes are ${problem.classes.map((name) => `\`${codeText(name)}\``).join(', ')}.`
      : ''
  const threshold =
    evaluation.threshold === undefined
      ? ''
      : ` \`${codeText(problem.classes[1]!)}\` is decided from a probability of ${formatFixed(evaluation.threshold)} on.`
  return `${stated}\n\nRows must come from the population that the training data describes (below).${classes}${threshold}`
}

function metricsText({ metrics, baseline, comparison, protocol, criteria, notes }: Evaluation): string {
  const names = Object.keys(metrics) as MetricName[]
  const rows = names.map((name) => [
    name,
    METRICS[name].higherIsBetter ? 'higher' : 'lower',
    formatInterval(metrics[name]),
    formatInterval(baseline[name]),
    comparison[name] ? formatInterval({ ...comparison[name], value: comparison[name].difference }) : null,
  ])
  const stamp = `Protocol: ${escapeMarkdown(protocol.split)}; ${formatCount(protocol.rows)} test rows, ${formatCount(protocol.trainRows)} training rows, seed ${protocol.seed}. In brackets: 95% intervals.`
  const checked = criteria.map(
    (criterion) =>
      `- ${criterion.metric} ${limitText(criterion)}: ${criterion.met ? 'met' : 'not met'} (${formatInterval(criterion.value)})`,
  )
  return [
    stamp,
    markdownTable(['Metric', 'Better', 'Model', 'Baseline', 'Difference'], rows),
    ...(checked.length > 0 ? [`Success criteria:\n\n${checked.join('\n')}`] : []),
    ...(notes.length > 0 ? [notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n')] : []),
  ].join('\n\n')
}

function limitsText({ evaluation, columns, limits = [] }: ModelCardInput): string {
  const { slices, classification } = evaluation
  const said = limits.map((limit) => `- ${escapeMarkdown(limit)}`)
  const gaps = columns.filter((column) => column.missingShare > 0)
  const measured = [
    `- Outside of the ranges and values of the training data below nothing was measured.`,
    ...(gaps.length > 0
      ? [
          `- Missing values were seen in training only in ${gaps.map((column) => `\`${codeText(column.name)}\``).join(', ')}.`,
        ]
      : ['- No missing values were seen in training.']),
    ...(classification?.curves.length === 1
      ? [
          `- Its probabilities are off by ${formatFixed(classification.curves[0]!.calibration.expectedCalibrationError)} on average (expected calibration error), by ${formatFixed(classification.curves[0]!.calibration.maximumCalibrationError)} in the worst bin.`,
        ]
      : []),
  ]
  const sought = `Sought by ${slices.loss} among ${formatCount(slices.tested)} slices of at least ${slices.minRows} rows, false discovery rate ${formatPercent(slices.falseDiscoveryRate)}`
  const weak =
    slices.found.length === 0
      ? `${sought}: none is worse than the rest beyond chance.`
      : `${sought}. The model is weaker on:\n\n${markdownTable(
          ['Slice', 'Rows', `Mean ${slices.loss}`, evaluation.metric],
          slices.found
            .slice(0, MAX_SLICES)
            .map((slice) => [
              sliceName(slice),
              formatCount(slice.rows),
              formatNumber(slice.meanLoss),
              formatInterval(slice.metric),
            ]),
        )}\n\nOver all test rows the mean ${slices.loss} is ${formatNumber(slices.overallLoss)}.`
  return [[...said, ...measured].join('\n'), '### Weak slices', weak].join('\n\n')
}

function dataText({ dataset, columns }: ModelCardInput): string {
  const rows = columns.map((column) => [
    column.name,
    column.type,
    rangeText(column),
    formatPercent(column.missingShare),
  ])
  return [
    `${escapeMarkdown(dataset.name)}: ${formatCount(dataset.rows)} training rows, \`${codeText(dataset.hash)}\`.`,
    ...(rows.length > 0 ? [markdownTable(['Column', 'Type', 'Range or values', 'Missing'], rows)] : []),
  ].join('\n\n')
}

const SHOWN_VALUES = 8

function rangeText({ type, low, high, values, valueCount }: ColumnSummary): string {
  if (type === 'boolean' && values === undefined) return 'false, true'
  const show = type === 'datetime' ? formatTime : formatNumber
  if (low !== undefined && high !== undefined) return `${show(low)} to ${show(high)}`
  if (values === undefined || valueCount === undefined) return '–'
  const shown = values.slice(0, SHOWN_VALUES).join(', ')
  return valueCount > SHOWN_VALUES ? `${shown} and ${formatCount(valueCount - SHOWN_VALUES)} more` : shown
}

function ethicsText({ groups }: Evaluation, problem: Problem): string {
  if (problem.protectedColumns.length === 0)
    return 'No protected columns were named, so differences between groups of people were not measured. Name them before the model decides about people.'
  const rows = groups.flatMap(({ column, gaps }) => notable(gaps).map((gap) => gapRow(column, gap)))
  const named = problem.protectedColumns.map((name) => `\`${codeText(name)}\``).join(', ')
  if (rows.length === 0) return `Compared over the groups of ${named}: no difference stands out beyond chance.`
  return [
    `Compared over the groups of ${named}, against the largest group of each. These differences stand out beyond chance (false discovery rate 5%). Base rates differ between groups as well; whether a difference is fair is for those who use the model to judge.`,
    markdownTable(['Column', 'Group', 'Against', 'Measure', 'Difference', 'Ratio', 'Adjusted p'], rows),
  ].join('\n\n')
}

const notable = (gaps: readonly GroupGap[]): GroupGap[] => gaps.filter((gap) => gap.adjustedPValue <= 0.05)

function gapRow(column: string, { group, reference, measure, difference, ratio, adjustedPValue }: GroupGap): string[] {
  return [
    column,
    group,
    reference,
    MEASURE_NAMES[measure],
    formatInterval(difference),
    ratio === undefined ? '–' : formatFixed(ratio, 2),
    formatPValue(adjustedPValue),
  ]
}

/** Text inside backquotes, where nothing can be escaped. */
function codeText(text: string): string {
  return text.replace(/[`\r\n|]/g, ' ')
}
