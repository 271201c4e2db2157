import {
  anchorOf,
  type Block,
  type Card,
  cards,
  chart,
  curveChart,
  formatCount,
  formatFixed,
  formatNumber,
  formatPercent,
  formatPValue,
  formatTime,
  paragraph,
  sparkline,
  table,
} from '../../report/index.ts'
import type { ColumnDrift, DriftHistogram } from './drift-report.ts'
import { ASPECT_WORDS } from './drift-words.ts'

/** One card a column: its verdict in a line, its distribution on both sides when opened. */
export function columnCards(searchLabel: string, columns: readonly ColumnDrift[], idPrefix: string): Block {
  return cards(
    searchLabel,
    columns.map((column) => columnCard(column, idPrefix)),
  )
}

function columnCard(column: ColumnDrift, idPrefix: string): Card {
  const alarms = column.tests.filter((test) => test.alarm)
  return {
    id: anchorOf(`${idPrefix}-${column.column}`),
    title: column.column,
    badge: column.type,
    ...(column.histogram
      ? { svg: sparkline(column.histogram.current, `current distribution of ${column.column}`) }
      : {}),
    facts: [...missingFact(column), ...distanceFacts(column)],
    warnings: alarms.map((test) => ({
      tone: 'bad' as const,
      text: `${ASPECT_WORDS[test.aspect]}: ${formatFixed(test.effectBeyondSampling)} beyond sampling, ${formatPValue(test.adjustedPValue)}`,
    })),
    blocks: [
      ...histogramBlocks(column),
      ...rangeBlocks(column),
      ...unseenBlocks(column),
      ...(column.note ? [paragraph(column.note)] : []),
    ],
  }
}

function missingFact({ missingShare: { reference, current } }: ColumnDrift): string[] {
  return reference === 0 && current === 0 ? [] : [`missing ${formatPercent(reference)} → ${formatPercent(current)}`]
}

function distanceFacts({ distances }: ColumnDrift): string[] {
  const { populationStabilityIndex: psi, wassersteinInReferenceSd: wasserstein, jensenShannonDistance: js } = distances
  return [
    ...(psi === undefined ? [] : [`PSI ${formatNumber(psi, 2)}`]),
    ...(wasserstein === undefined ? [] : [`Wasserstein ${formatNumber(wasserstein, 2)} sd`]),
    ...(js === undefined ? [] : [`Jensen-Shannon ${formatNumber(js, 2)}`]),
  ]
}

function histogramBlocks({ column, histogram }: ColumnDrift): Block[] {
  if (histogram === undefined) return []
  return histogram.edges && histogram.labels.length > 1
    ? [numberChart(column, histogram, histogram.edges)]
    : [shareTable(histogram)]
}

function numberChart(column: string, { reference, current }: DriftHistogram, edges: readonly number[]): Block {
  const curve = (
    name: string,
    counts: readonly number[],
  ): { name: string; points: { x: number; y: number }[]; steps: true } => {
    const shares = sharesOf(counts)
    // The last step is drawn to the end of its bin.
    return { name, points: edges.map((x, i) => ({ x, y: shares[Math.min(i, shares.length - 1)]! })), steps: true }
  }
  const svg = curveChart({
    curves: [curve('reference', reference), curve('current', current)],
    x: column,
    y: 'share of rows',
    label: `distribution of ${column} in the reference and now`,
    width: 560,
    height: 240,
  })
  return chart({
    svg,
    title: 'Distribution',
    caption: 'Values beyond the outer half percent are counted in the outer bins.',
  })
}

function shareTable({ labels, reference, current }: DriftHistogram): Block {
  const [a, b] = [sharesOf(reference), sharesOf(current)]
  return table({
    caption: 'Share of rows with each value',
    columns: [
      { label: 'Value' },
      { label: 'Reference' },
      { label: 'Current' },
      { label: 'Difference', kind: 'number' },
    ],
    rows: labels.map((label, k) => [
      label,
      { share: a[k]!, text: formatPercent(a[k]) },
      { share: b[k]!, text: formatPercent(b[k]) },
      `${b[k]! >= a[k]! ? '+' : ''}${formatFixed((b[k]! - a[k]!) * 100, 1)} points`,
    ]),
  })
}

function rangeBlocks({ range, type }: ColumnDrift): Block[] {
  if (range === undefined) return []
  const show = type === 'datetime' ? formatTime : formatNumber
  const text = ([low, high]: readonly [number, number]): string => `${show(low)} to ${show(high)}`
  return [paragraph(`Range: ${text(range.reference)} in the reference, ${text(range.current)} now.`)]
}

function unseenBlocks({ unseen }: ColumnDrift): Block[] {
  if (unseen === undefined || unseen.length === 0) return []
  return [
    table({
      caption: 'Not in the reference',
      columns: [{ label: 'Value' }, { label: 'Current rows', kind: 'number' }],
      rows: unseen.map(({ value, rows }) => [value, formatCount(rows)]),
    }),
  ]
}

function sharesOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1
  return counts.map((count) => count / total)
}
