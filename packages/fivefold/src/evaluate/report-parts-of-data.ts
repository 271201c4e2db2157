import {
  type Block,
  type Cell,
  chart,
  columns,
  details,
  formatCount,
  formatFixed,
  formatInterval,
  formatNumber,
  formatPercent,
  formatPValue,
  intervalChart,
  paragraph,
  type Section,
  section,
  table,
} from '../report/index.ts'
import type { Evaluation, GroupGap, GroupMeasure, ProtectedGroups, Slice } from './evaluation.ts'
import { formatMetricNumber } from './format-metric.ts'
import { intervalCell, scaleOf } from './interval-cell.ts'

export const MEASURE_NAMES: Record<GroupMeasure, string> = {
  selectionRate: 'selection rate',
  truePositiveRate: 'true positive rate',
  falsePositiveRate: 'false positive rate',
  precision: 'precision',
  accuracy: 'accuracy',
  meanError: 'mean error (predicted − actual)',
  meanAbsoluteError: 'mean absolute error',
}

/** Columns of the table of groups; the rest stands among the differences. */
const SHOWN_MEASURES = 3

export function sliceName({ conditions }: Slice): string {
  return conditions.map((condition) => condition.text).join(' and ')
}

export function sliceSection({ slices, metric, metrics }: Evaluation): Section {
  const { found, tested, minRows, loss, overallLoss, falseDiscoveryRate } = slices
  const intro = `Groups of every column and crossings of two with at least ${minRows} rows, compared with all other rows by ${loss}; ${formatCount(tested)} tested, false discovery rate held at ${formatPercent(falseDiscoveryRate)}. Overall ${loss}: ${formatNumber(overallLoss)}.`
  if (found.length === 0)
    return section({ id: 'slices', title: 'Weak slices', intro, blocks: [paragraph('None stands out beyond chance.')] })
  const overall = metrics[metric]
  const scale = scaleOf(
    found.flatMap((slice) => slice.metric ?? []),
    overall?.value,
  )
  return section({
    id: 'slices',
    title: 'Weak slices',
    intro,
    blocks: [
      table({
        caption: 'Where the model is worse than elsewhere, strongest first',
        openRows: 15,
        columns: [
          { label: 'Slice' },
          { label: 'Rows', kind: 'number' },
          { label: `Mean ${loss}`, kind: 'number' },
          { label: 'Effect (sd)', kind: 'number' },
          { label: metric, kind: 'number' },
          { label: overall ? `dashed: overall, ${formatMetricNumber(metric, overall.value)}` : '' },
          { label: 'Adjusted p', kind: 'number' },
        ],
        rows: found.map((slice): Cell[] => [
          sliceName(slice),
          formatCount(slice.rows),
          formatNumber(slice.meanLoss),
          formatFixed(slice.effectSize, 2),
          formatInterval(slice.metric),
          intervalCell(slice.metric, scale),
          formatPValue(slice.adjustedPValue),
        ]),
      }),
    ],
  })
}

export function groupSection({ groups, metric }: Evaluation): Section {
  return section({
    id: 'groups',
    title: 'Protected groups',
    intro:
      'What the model does to the groups of each protected column. Differences are from the largest group, with 95% intervals, adjusted for how many were looked at. A difference is a question, not a verdict: base rates differ too, and not all of these can be equal at once.',
    blocks: groups.flatMap((column) => groupBlocks(column, metric)),
  })
}

function groupBlocks(protectedGroups: ProtectedGroups, metric: string): Block[] {
  const { column, groups, gaps } = protectedGroups
  const measures = measuresOf(protectedGroups).slice(0, SHOWN_MEASURES)
  return [
    columns(...measures.slice(0, 2).map((measure) => [rateChart(protectedGroups, measure)])),
    table({
      caption: `Groups of ${column}`,
      openRows: 12,
      columns: [
        { label: column },
        { label: 'Rows', kind: 'number' },
        { label: 'Actual', kind: 'number' },
        { label: metric, kind: 'number' },
        ...measures.map((measure) => ({ label: MEASURE_NAMES[measure], kind: 'number' as const })),
      ],
      rows: groups.map((group): Cell[] => [
        group.name,
        formatCount(group.rows),
        formatNumber(group.actual, 3),
        formatInterval(group.metric),
        ...measures.map((measure) => formatInterval(group.rates[measure])),
      ]),
    }),
    ...(gaps.length === 0 ? [] : [details(`Differences from ${gaps[0]!.reference}, all measures`, [gapTable(gaps)])]),
  ]
}

function measuresOf({ groups }: ProtectedGroups): GroupMeasure[] {
  return [...new Set(groups.flatMap((group) => Object.keys(group.rates) as GroupMeasure[]))]
}

function rateChart({ column, groups }: ProtectedGroups, measure: GroupMeasure): Block {
  const rows = groups.flatMap((group) => {
    const rate = group.rates[measure]
    return rate ? [{ name: group.name, ...rate }] : []
  })
  return chart({
    title: `${column}: ${MEASURE_NAMES[measure]}`,
    caption: 'With 95% intervals.',
    svg: intervalChart({
      label: `${MEASURE_NAMES[measure]} by ${column}`,
      rows,
      x: MEASURE_NAMES[measure],
      width: 440,
    }),
  })
}

function gapTable(gaps: readonly GroupGap[]): Block {
  return table({
    caption: `Group minus ${gaps[0]!.reference}`,
    openRows: 30,
    columns: [
      { label: 'Group' },
      { label: 'Measure' },
      { label: 'Difference', kind: 'number' },
      { label: 'Ratio', kind: 'number' },
      { label: 'Adjusted p', kind: 'number' },
    ],
    rows: gaps.map(({ group, measure, difference, ratio, adjustedPValue }): Cell[] => [
      group,
      MEASURE_NAMES[measure],
      formatInterval(difference),
      ratio === undefined ? null : formatFixed(ratio, 2),
      formatPValue(adjustedPValue),
    ]),
  })
}
