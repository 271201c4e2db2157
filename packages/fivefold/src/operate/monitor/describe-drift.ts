import {
  jensenShannonDistance,
  populationStabilityIndex,
  quantileOfSorted,
  wassersteinDistance,
} from '../../metrics/index.ts'
import type { CategorySamples, NumberSamples } from './column-samples.ts'
import type { ColumnDrift, DriftHistogram } from './drift-report.ts'

/** What is shown of a column beside its tests. */
export type Description = Pick<ColumnDrift, 'distances' | 'range' | 'histogram' | 'unseen'>

const BINS = 20
const SHOWN_CATEGORIES = 12
const SHOWN_UNSEEN = 20

export function describeNumbers({ reference, current }: NumberSamples): Description {
  if (reference.length === 0 || current.length === 0) return { distances: {} }
  const [a, b] = [Float64Array.from(reference).sort(), Float64Array.from(current).sort()]
  const histogram = numberHistogram(a, b)
  const deciles = Array.from({ length: 9 }, (_, i) => quantileOfSorted(a, (i + 1) / 10))
  const spread = deviationOf(a)
  return {
    range: rangesOf(a, b),
    histogram,
    distances: {
      populationStabilityIndex: populationStabilityIndex(countBetween(a, deciles), countBetween(b, deciles)),
      jensenShannonDistance: jensenShannonDistance(histogram.reference, histogram.current),
      ...(spread > 0 ? { wassersteinInReferenceSd: wassersteinDistance(a, b) / spread } : {}),
    },
  }
}

export function rangesOf(
  sortedReference: Float64Array,
  sortedCurrent: Float64Array,
): NonNullable<Description['range']> {
  const ends = (sorted: Float64Array): [number, number] => [sorted[0]!, sorted[sorted.length - 1]!]
  return { reference: ends(sortedReference), current: ends(sortedCurrent) }
}

export function describeCategories({ labels, reference, current }: CategorySamples): Description {
  if (reference.length === 0 || current.length === 0) return { distances: {} }
  const [a, b] = [countCodes(reference, labels.length), countCodes(current, labels.length)]
  const order = [...labels.keys()].sort((x, y) => a[y]! + b[y]! - a[x]! - b[x]! || x - y)
  const unseen = order.filter((code) => a[code] === 0 && b[code]! > 0).sort((x, y) => b[y]! - b[x]!)
  return {
    histogram: categoryHistogram(labels, order, a, b),
    distances: {
      populationStabilityIndex: populationStabilityIndex(a, b),
      jensenShannonDistance: jensenShannonDistance(a, b),
    },
    ...(unseen.length === 0
      ? {}
      : { unseen: unseen.slice(0, SHOWN_UNSEEN).map((code) => ({ value: labels[code]!, rows: b[code]! })) }),
  }
}

function categoryHistogram(
  labels: readonly string[],
  order: readonly number[],
  a: Float64Array,
  b: Float64Array,
): DriftHistogram {
  const shown = order.slice(0, SHOWN_CATEGORIES)
  const rest = order.slice(SHOWN_CATEGORIES)
  const side = (counts: Float64Array): number[] => {
    const shownCounts = shown.map((code) => counts[code]!)
    return rest.length === 0 ? shownCounts : [...shownCounts, rest.reduce((sum, code) => sum + counts[code]!, 0)]
  }
  const names = shown.map((code) => labels[code]!)
  return {
    labels: rest.length === 0 ? names : [...names, `(${rest.length} others)`],
    reference: side(a),
    current: side(b),
  }
}

/** Equal widths over all but the outermost half percent; what lies beyond is counted in the first and last bin. */
function numberHistogram(a: Float64Array, b: Float64Array): DriftHistogram {
  const low = Math.min(quantileOfSorted(a, 0.005), quantileOfSorted(b, 0.005))
  const high = Math.max(quantileOfSorted(a, 0.995), quantileOfSorted(b, 0.995))
  const bins = high > low ? BINS : 1
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins)
  const inner = edges.slice(1, -1)
  const labels = Array.from({ length: bins }, (_, i) => shortNumber((edges[i]! + edges[i + 1]!) / 2))
  return { labels, edges, reference: countBetween(a, inner), current: countBetween(b, inner) }
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)))
}

/** Counts of sorted values up to each edge, and above the last. */
function countBetween(sorted: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0)
  let bin = 0
  for (const value of sorted) {
    while (bin < edges.length && value > edges[bin]!) bin++
    counts[bin]!++
  }
  return counts
}

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

function countCodes(codes: Int32Array, categories: number): Float64Array {
  const counts = new Float64Array(categories)
  for (const code of codes) counts[code]!++
  return counts
}
