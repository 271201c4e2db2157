import {
  type Block,
  type Cell,
  callout,
  chart,
  formatAlike,
  formatCount,
  formatFixed,
  formatInterval,
  formatPercent,
  formatPValue,
  intervalChart,
  paragraph,
  type Section,
  section,
  table,
} from '../../../report/index.ts'
import type { ExperimentComparison, ExperimentReport } from '../experiment/experiment.ts'
import { headingOf, type When } from './study-heading.ts'

const VERDICT_TONE = { better: 'good', worse: 'bad', undecided: 'warning' } as const

export function experimentSection({ comparisons, sampleRatio, alpha, control }: ExperimentReport, when: When): Section {
  const metrics = [...new Set(comparisons.map(({ metric }) => metric))]
  return section({
    ...headingOf('Experiment', when),
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
