import { METRICS, type MetricName, type PairedComparison } from '../metrics/index.ts'
import {
  type Block,
  type Cell,
  callout,
  chart,
  columns,
  details,
  formatBytes,
  formatCount,
  formatDuration,
  formatFixed,
  formatInterval,
  formatNumber,
  formatPValue,
  intervalChart,
  type KeyFigure,
  keyFigures,
  list,
  paragraph,
  type Section,
  section,
  shortened,
  type Tone,
  table,
} from '../report/index.ts'
import { biasText } from './bias-text.ts'
import type { CriterionResult, Evaluation } from './evaluation.ts'
import { formatMetric, formatMetricNumber, hasUnit } from './format-metric.ts'
import type { ReportExtras } from './report-input.ts'

/** The answer first: is it better than the baseline, does it do what was asked, where is it weak. */
export function summarySection(evaluation: Evaluation, extras: ReportExtras): Section {
  return section({
    id: 'summary',
    title: 'Summary',
    blocks: [
      verdictCallout(evaluation),
      ...criteriaBlocks(evaluation.criteria),
      keyFigures(figuresOf(evaluation, extras)),
      ...findings(evaluation),
    ],
  })
}

function verdictCallout(evaluation: Evaluation): Block {
  const { verdict, metric, comparison, metrics, baseline, protocol, regression } = evaluation
  const compared = comparison[metric]
  const value = metrics[metric]
  if (compared === undefined || value === undefined)
    return callout(
      'warning',
      'No verdict',
      `The test rows do not define ${metric} for both the model and the baseline.`,
    )
  const [tone, title] = VERDICTS[verdict.againstBaseline]
  const bias = regression ? ` ${biasText(regression)}` : ''
  const text = `On ${formatCount(protocol.rows)} test rows ${metric} is ${formatMetric(metric, value)}${unitText(evaluation)}, the baseline's is ${formatMetric(metric, baseline[metric])}. ${differenceText(metric, compared)}${bias}`
  return callout(tone, title, text)
}

const VERDICTS: Record<Evaluation['verdict']['againstBaseline'], [Tone, string]> = {
  better: ['good', 'Better than the baseline'],
  worse: ['bad', 'Worse than the baseline'],
  indistinguishable: ['warning', 'Not distinguishable from the baseline'],
  undefined: ['warning', 'No verdict'],
}

/** Errors are in the unit of the target; other metrics have none. */
function unitText({ metric, target }: Evaluation): string {
  return hasUnit(metric) ? ` in the unit of ${target}` : ''
}

function differenceText(metric: MetricName, { difference, low, high, pValue, method }: PairedComparison): string {
  return `Difference on the same rows: ${formatMetric(metric, { value: difference, low, high })}, ${formatPValue(pValue)} (${method}).`
}

function criteriaBlocks(criteria: readonly CriterionResult[]): Block[] {
  if (criteria.length === 0) return []
  const rows = criteria.map((criterion): Cell[] => [
    criterion.metric,
    limitText(criterion),
    criterion.value ? formatMetric(criterion.metric, criterion.value) : 'not defined',
    statusCell(criterion),
  ])
  return [
    table({
      caption: 'Success criteria',
      columns: [
        { label: 'Metric' },
        { label: 'Required', kind: 'number' },
        { label: 'Measured', kind: 'number' },
        { label: 'Result' },
      ],
      rows,
    }),
  ]
}

export function limitText({ at_least, at_most }: CriterionResult): string {
  const limits = [at_least === undefined ? '' : `≥ ${at_least}`, at_most === undefined ? '' : `≤ ${at_most}`]
  return limits.filter(Boolean).join(' and ')
}

function statusCell({ met, uncertain }: CriterionResult): Cell {
  if (!met) return { tone: 'bad', text: uncertain ? 'not met, but within the interval' : 'not met' }
  return uncertain ? { tone: 'warning', text: 'met, but the interval reaches below' } : { tone: 'good', text: 'met' }
}

function figuresOf(evaluation: Evaluation, { latency, sizeBytes }: ReportExtras): KeyFigure[] {
  const { metrics, metric, protocol, target } = evaluation
  const names = [metric, ...(Object.keys(metrics) as MetricName[]).filter((name) => name !== metric)]
  const measured = names.flatMap((name): KeyFigure[] => {
    const value = metrics[name]
    if (value === undefined) return []
    const show = (at: number): string => formatMetricNumber(name, at)
    const unit = hasUnit(name) ? `, unit of ${shortened(target, 16)}` : ''
    return [{ label: name, value: show(value.value), note: `${show(value.low)} to ${show(value.high)}${unit}` }]
  })
  const [first = [], rest = []] = [measured.slice(0, 1), measured.slice(1)]
  const running: KeyFigure[] = [
    ...(latency
      ? [{ label: 'One row, p95', value: formatDuration(latency.p95), note: `p50 ${formatDuration(latency.p50)}` }]
      : []),
    ...(sizeBytes === undefined ? [] : [{ label: 'Model size', value: formatBytes(sizeBytes) }]),
  ]
  const rows: KeyFigure = { label: 'Test rows', value: formatCount(protocol.rows), note: protocol.split }
  // Six fill one line of the page.
  return [...[...first, ...biasFigure(evaluation), ...rest].slice(0, 5 - running.length), rows, ...running]
}

function biasFigure({ regression }: Evaluation): KeyFigure[] {
  if (regression === undefined) return []
  const { value, low, high } = regression.bias
  const isClear = low > 0 || high < 0
  return [
    {
      label: 'Bias (mean residual)',
      value: formatNumber(value, 3),
      note: `${formatNumber(low, 3)} to ${formatNumber(high, 3)}, ${isClear ? `too ${value > 0 ? 'low' : 'high'}` : 'no clear bias'}`,
      ...(isClear && { tone: 'warning' as const }),
    },
  ]
}

function findings({ slices, groups, classification, notes }: Evaluation): Block[] {
  const worst = slices.found[0]
  const unequal = groups.filter(({ gaps }) => gaps.some((gap) => gap.adjustedPValue <= 0.05))
  const calibration = classification?.curves.length === 1 ? classification.curves[0]!.calibration : undefined
  return [
    list([
      worst
        ? [
            {
              link: `${slices.found.length} weak ${slices.found.length === 1 ? 'part' : 'parts'} of the data`,
              to: '#slices',
            },
            `; the weakest: ${worst.conditions.map((condition) => condition.text).join(' and ')} (${formatCount(worst.rows)} rows, mean ${slices.loss} ${formatNumber(worst.meanLoss, 3)} against ${formatNumber(slices.overallLoss, 3)} overall).`,
          ]
        : `No part of the data stands out as worse than the rest (${formatCount(slices.tested)} slices tested).`,
      ...(unequal.length > 0
        ? [[{ link: 'Groups differ', to: '#groups' }, ` by ${unequal.map((group) => group.column).join(', ')}.`]]
        : []),
      ...(calibration
        ? [
            `Probabilities are off by ${formatFixed(calibration.expectedCalibrationError)} on average (expected calibration error).`,
          ]
        : []),
      ...notes,
    ]),
  ]
}

/** Every metric with its interval beside the baseline's. */
export function metricsSection(evaluation: Evaluation): Section {
  const { metrics, baseline, comparison, methods, metric: deciding } = evaluation
  const names = Object.keys(metrics) as MetricName[]
  const rows = names.map((name): Cell[] => [
    name === deciding ? [{ strong: name }, ' decides'] : name,
    formatMetric(name, metrics[name]),
    formatMetric(name, baseline[name]),
    comparison[name] ? formatMetric(name, { ...comparison[name], value: comparison[name].difference }) : null,
    betterCell(name, comparison[name]),
    comparison[name] ? formatPValue(comparison[name].pValue) : null,
  ])
  const made = names.flatMap((name) => (methods[name] ? [`${name}: ${methods[name]}`] : []))
  return section({
    id: 'metrics',
    title: 'Metrics',
    intro: `Values with 95% intervals${evaluation.task === 'regression' ? `; mae and rmse are in the unit of ${evaluation.target}` : ''}. Differences are paired: both models predict the same rows, so the noise they share cancels. A baseline's value without an interval is the same on any rows.`,
    blocks: [
      columns(...metricCharts(evaluation).map((block) => [block])),
      table({
        caption: 'Metrics against the baseline',
        columns: [
          { label: 'Metric' },
          { label: 'Model', kind: 'number' },
          { label: 'Baseline', kind: 'number' },
          { label: 'Difference', kind: 'number' },
          { label: 'Against baseline' },
          { label: 'p', kind: 'number' },
        ],
        rows,
      }),
      details('How the intervals are made', [list(made)]),
      paragraph(
        `${evaluation.protocol.split}; ${formatCount(evaluation.protocol.rows)} test rows; seed of the intervals ${evaluation.protocol.seed}.`,
      ),
    ],
  })
}

function betterCell(name: MetricName, compared: PairedComparison | undefined): Cell {
  if (compared === undefined) return 'not defined'
  if (compared.low <= 0 && compared.high >= 0) return { tone: 'neutral', text: 'no clear difference' }
  const better = compared.low > 0 === METRICS[name].higherIsBetter
  return { tone: better ? 'good' : 'bad', text: better ? 'better' : 'worse' }
}

const PANELS: readonly { title: string; names: readonly MetricName[]; domain?: readonly [number, number] }[] = [
  {
    title: 'Higher is better',
    names: ['accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1', 'rocAuc', 'prAuc'],
    domain: [0, 1],
  },
  { title: 'Lower is better', names: ['logLoss', 'brier'] },
  { title: 'In the unit of the target: lower is better', names: ['mae', 'rmse'] },
  { title: 'Relative errors: lower is better', names: ['mape', 'wape', 'smape'] },
]

/** Metrics of like scale and direction together. R² stands in the table alone: it compares with the mean already. */
function metricCharts({ metrics, baseline }: Evaluation): Block[] {
  return PANELS.flatMap(({ title, names, domain }) => {
    const shown = names.filter((name) => metrics[name])
    if (shown.length === 0) return []
    const svg = intervalChart({
      label: `${title}: ${shown.map((name) => `${name} ${formatInterval(metrics[name])}`).join(', ')}`,
      x: 'metric',
      width: 460,
      ...(domain ? { domain } : {}),
      rows: shown.flatMap((name) => [
        { name, ...metrics[name]! },
        ...(baseline[name] ? [{ name: 'baseline', ...baseline[name], highlighted: true }] : []),
      ]),
    })
    return [chart({ title, caption: 'Circle: model. Square: baseline. Line: 95% interval.', svg })]
  })
}
