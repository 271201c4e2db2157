import { columnOf } from '../data/index.ts'
import { benjaminiHochberg, chiSquareTest, ksTest, populationStabilityIndex, wilsonInterval } from '../metrics/index.ts'
import { formatNumber, formatPercent, shortened } from '../report/index.ts'
import { type Analysis, isComparable, type SampleTarget } from './analysis.ts'
import { presentOrder } from './association-measures.ts'
import type { EncodedColumn } from './encoded-column.ts'
import type { ColumnDrift, ColumnProfile, Drift, Interval, TargetPart } from './profile.ts'

const PARTS = 12
const LEAST_ROWS = 60
/** Smaller effects are real in large tables and matter to nobody. */
const NOTABLE_EFFECT = 0.1
const SIGNIFICANT = 0.01

/** How the first third of the rows differs from the last, in order of time or of the rows. */
export function measureDrift(analysis: Analysis): Drift {
  const { rows, order } = orderedRows(analysis)
  const third = Math.floor(rows.length / 3)
  const empty = { order, firstRows: third, lastRows: third, columns: [], targetOverTime: [], targetMeasure: null }
  if (rows.length < LEAST_ROWS) return empty
  const first = rows.subarray(0, third)
  const last = rows.subarray(rows.length - third)
  const shown = new Map(analysis.columns.map((column) => [column.name, column]))
  const compared = [...analysis.encoded.values()].filter(
    (column) => isComparable(column) && column.type !== 'datetime' && column.name !== analysis.options.time,
  )
  const tests = compared.map((column) =>
    compareParts(column, first, last, shown.get(column.name)!, analysis.context.seed),
  )
  const adjusted = benjaminiHochberg(tests.map(({ pValue }) => pValue))
  const columns = tests
    .map((test, i) => ({
      ...test,
      pValue: adjusted[i]!,
      drifted: adjusted[i]! <= SIGNIFICANT && test.effect >= NOTABLE_EFFECT,
    }))
    .sort((a, b) => b.effect - a.effect)
  return { ...empty, columns, ...targetOverTime(analysis, rows) }
}

function orderedRows({ sample, options }: Analysis): { rows: Uint32Array; order: string } {
  const time = options.time === undefined ? undefined : columnOf(sample.frame, options.time)
  if (time?.kind === 'number') return { rows: presentOrder(time.values), order: `column ${options.time}` }
  return { rows: Uint32Array.from({ length: sample.frame.rowCount }, (_, i) => i), order: 'order of the rows' }
}

function compareParts(
  column: EncodedColumn,
  first: Uint32Array,
  last: Uint32Array,
  profile: ColumnProfile,
  seed: number,
): Omit<ColumnDrift, 'drifted'> {
  const counts = (rows: Uint32Array): Float64Array => countCodes(column, rows)
  const [before, after] = [counts(first), counts(last)]
  const stability = populationStabilityIndex(before, after)
  if (!column.isNumeric) {
    const { pValue, cramersV } = chiSquareTest(before, after, { seed, permutations: 499 })
    const change = profile.masked ? '' : changeOfCounts(column.levelNames(), before, after)
    return {
      column: column.name,
      test: 'chiSquare',
      effect: cramersV,
      populationStabilityIndex: stability,
      pValue,
      change,
    }
  }
  const valuesOf = (rows: Uint32Array): Float64Array => Float64Array.from(rows, (row) => column.values[row]!)
  const [a, b] = [valuesOf(first), valuesOf(last)]
  const { pValue, statistic } = ksTest(a, b)
  const change = profile.masked ? '' : `mean ${formatNumber(meanOf(a), 3)} → ${formatNumber(meanOf(b), 3)}`
  return {
    column: column.name,
    test: 'kolmogorovSmirnov',
    effect: statistic,
    populationStabilityIndex: stability,
    pValue,
    change,
  }
}

function countCodes(column: EncodedColumn, rows: Uint32Array): Float64Array {
  const counts = new Float64Array(column.levels())
  const codes = column.codes()
  for (const row of rows) if (codes[row]! >= 0) counts[codes[row]!]!++
  return counts
}

/** The value whose share changed most. */
function changeOfCounts(names: readonly string[], before: Float64Array, after: Float64Array): string {
  const shares = (counts: Float64Array): Float64Array => {
    const total = counts.reduce((sum, count) => sum + count, 0)
    return counts.map((count) => (total > 0 ? count / total : 0))
  }
  const [from, to] = [shares(before), shares(after)]
  let most = 0
  for (let k = 1; k < from.length; k++) if (Math.abs(to[k]! - from[k]!) > Math.abs(to[most]! - from[most]!)) most = k
  return names.length === 0
    ? ''
    : `${shortened(names[most]!, 24)} ${formatPercent(from[most])} → ${formatPercent(to[most])}`
}

function meanOf(values: Float64Array): number {
  const present = values.filter((value) => !Number.isNaN(value))
  return present.reduce((sum, value) => sum + value, 0) / present.length
}

function targetOverTime(analysis: Analysis, rows: Uint32Array): Pick<Drift, 'targetOverTime' | 'targetMeasure'> {
  const { target, options, sample } = analysis
  if (!target) return { targetOverTime: [], targetMeasure: null }
  const time = options.time === undefined ? undefined : columnOf(sample.frame, options.time)
  const klass = target.kind === 'classes' ? shownClass(target) : 0
  const parts: TargetPart[] = []
  for (let part = 0; part < PARTS; part++) {
    const slice = rows.subarray(
      Math.floor((part * rows.length) / PARTS),
      Math.floor(((part + 1) * rows.length) / PARTS),
    )
    const rate = rateOf(target, klass, slice)
    const middle = slice[slice.length >> 1]!
    if (rate) parts.push({ at: time?.kind === 'number' ? time.values[middle]! : sample.rows[middle]!, ...rate })
  }
  const targetMeasure =
    target.kind === 'number' ? `mean of ${options.target}` : `share of ${options.target} = ${target.classes[klass]}`
  return { targetOverTime: parts, targetMeasure }
}

/** The positive class of two, else the most frequent. */
export function shownClass(target: Extract<SampleTarget, { kind: 'classes' }>): number {
  if (target.classes.length === 2) return 1
  const counts = new Float64Array(target.classes.length)
  for (const code of target.codes) if (code >= 0) counts[code]!++
  return counts.indexOf(Math.max(...counts))
}

function rateOf(
  target: SampleTarget,
  klass: number,
  rows: Uint32Array,
): (Omit<Interval, 'value'> & { rate: number; n: number }) | null {
  if (target.kind === 'classes') {
    const codes = rows.filter((row) => target.codes[row]! >= 0)
    if (codes.length === 0) return null
    const { value, low, high } = wilsonInterval(codes.filter((row) => target.codes[row] === klass).length, codes.length)
    return { rate: value, low, high, n: codes.length }
  }
  const values = Float64Array.from(rows, (row) => target.values[row]!).filter((value) => !Number.isNaN(value))
  if (values.length === 0) return null
  const { value, low, high } = meanInterval(values)
  return { rate: value, low, high, n: values.length }
}

/** Normal 95% interval of a mean. */
function meanInterval(values: Float64Array): Interval {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return intervalOfMoments(mean, squares / Math.max(1, values.length - 1), values.length)
}

export function intervalOfMoments(mean: number, variance: number, n: number): Interval {
  const half = 1.959964 * Math.sqrt(variance / n)
  return { value: mean, low: mean - half, high: mean + half }
}
