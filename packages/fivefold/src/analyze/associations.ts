import { throwIfCancelled } from '../core/index.ts'
import { type Analysis, isComparable } from './analysis.ts'
import {
  correlationRatio,
  cramersV,
  mutualInformation,
  pearson,
  presentOrder,
  ranksInOrder,
} from './association-measures.ts'
import type { EncodedColumn } from './encoded-column.ts'
import { createPowerJudge } from './predictive-power.ts'
import type { AssociationPair, Associations, TargetAssociation } from './profile.ts'

/** All pairs among this many columns; 1,225 pairs of 50,000 rows take about a second. */
const MOST_COLUMNS = 50
/** Wider tables are first searched for strong pairs on a few rows. */
const SCREEN_ROWS = 1000
const SCREEN_PAIRS = 200
const SCREEN_STRENGTH = 0.5
const STORED_PAIRS = 1500

/** Pairwise associations of the sample, within a budget of pairs, and of each feature with the target. */
export function measureAssociations(analysis: Analysis): Associations {
  const comparable = [...analysis.encoded.values()].filter(isComparable)
  const withTarget = measureWithTarget(analysis, comparable)
  const measured = chooseColumns(analysis, comparable, withTarget)
  const pairs: AssociationPair[] = []
  for (const [i, a] of measured.entries()) {
    throwIfCancelled(analysis.context.signal)
    for (const b of measured.slice(i + 1)) pairs.push(measurePair(a, b))
  }
  const chosen = new Set(measured)
  const screened = measured.length < comparable.length ? screenPairs(comparable) : []
  for (const [a, b] of screened) if (!(chosen.has(a) && chosen.has(b))) pairs.push(measurePair(a, b))
  pairs.sort((x, y) => Math.abs(y.strength) - Math.abs(x.strength))
  return {
    pairs: pairs.slice(0, STORED_PAIRS),
    measured: measured.map(({ name }) => name),
    n: analysis.sample.frame.rowCount,
    note: noteOn(comparable.length, measured.length),
    withTarget,
  }
}

function noteOn(comparable: number, measured: number): string | null {
  if (measured === comparable) return null
  return `All pairs among ${measured} of ${comparable} columns (the target, protected columns and those that say most about the target); of the other numeric pairs, those that were strong on ${SCREEN_ROWS} rows.`
}

function measureWithTarget(
  { options, target, encoded, context }: Analysis,
  comparable: readonly EncodedColumn[],
): TargetAssociation[] {
  const goal = options.target === undefined ? undefined : encoded.get(options.target)
  if (!goal || !target) return []
  const codes = target.kind === 'classes' ? target.codes : goal.codes()
  const levels = target.kind === 'classes' ? target.classes.length : goal.levels()
  const judge = createPowerJudge(target, context.seed)
  const measured = comparable
    .filter((column) => column !== goal)
    .map((column): TargetAssociation => {
      const information = mutualInformation(column.codes(), codes, column.levels(), levels)
      const power = judge(column)
      return {
        column: column.name,
        mutualInformation: information.value,
        shareOfTarget: information.entropy > 0 ? information.value / information.entropy : 0,
        power: power.value,
        powerMetric: target.kind === 'classes' ? 'rocAuc' : 'r2',
        n: information.n,
      }
    })
  return measured.sort((a, b) => b.mutualInformation - a.mutualInformation)
}

function chooseColumns(
  { options }: Analysis,
  comparable: readonly EncodedColumn[],
  withTarget: readonly TargetAssociation[],
): EncodedColumn[] {
  if (comparable.length <= MOST_COLUMNS) return [...comparable]
  const named = [options.target, options.time, ...(options.protect ?? [])]
  const ranked = withTarget.length > 0 ? withTarget.map(({ column }) => column) : comparable.map(({ name }) => name)
  const wanted = new Set([...named, ...ranked].slice(0, MOST_COLUMNS + named.length))
  return comparable.filter(({ name }) => wanted.has(name)).slice(0, MOST_COLUMNS)
}

function measurePair(a: EncodedColumn, b: EncodedColumn): AssociationPair {
  const names = { a: a.name, b: b.name }
  if (a.isNumeric && b.isNumeric) {
    const linear = pearson(a.values, b.values)
    const spearman = spearmanOf(a, b, linear.n)
    return { ...names, pearson: linear.value, spearman, strength: spearman, n: linear.n }
  }
  if (!a.isNumeric && !b.isNumeric) {
    const { value, n } = cramersV(a.codes(), b.codes(), a.levels(), b.levels())
    return { ...names, cramersV: value, strength: value, n }
  }
  const [category, number] = a.isNumeric ? [b, a] : [a, b]
  const { value, n } = correlationRatio(category.codes(), number.values, category.levels())
  return { ...names, correlationRatio: value, strength: value, n }
}

/** Spearman's correlation; ranks are made anew among the rows that have both values. */
function spearmanOf(a: EncodedColumn, b: EncodedColumn, both: number): number {
  if (both === a.values.length) return pearson(a.ranks(), b.ranks()).value
  const ranksWhere = (own: EncodedColumn, other: EncodedColumn): Float64Array =>
    ranksInOrder(
      own.values,
      own.order().filter((row) => !Number.isNaN(other.values[row]!)),
    )
  return pearson(ranksWhere(a, b), ranksWhere(b, a)).value
}

/** The strongest pairs of numeric columns, by rank correlation over a few rows: standardised once, then plain products. */
function screenPairs(columns: readonly EncodedColumn[]): [EncodedColumn, EncodedColumn][] {
  const numeric = columns.filter((column) => column.isNumeric)
  const standard = numeric.map((column) => {
    const few = everyNth(column.values, SCREEN_ROWS)
    return standardised(ranksInOrder(few, presentOrder(few)))
  })
  const found: { strength: number; pair: [EncodedColumn, EncodedColumn] }[] = []
  for (let i = 0; i < numeric.length; i++) {
    for (let j = i + 1; j < numeric.length; j++) {
      const strength = Math.abs(dot(standard[i]!, standard[j]!))
      if (strength >= SCREEN_STRENGTH) found.push({ strength, pair: [numeric[i]!, numeric[j]!] })
    }
  }
  return found
    .sort((x, y) => y.strength - x.strength)
    .slice(0, SCREEN_PAIRS)
    .map(({ pair }) => pair)
}

function everyNth(values: Float64Array, count: number): Float64Array {
  const step = Math.max(1, Math.floor(values.length / count))
  return Float64Array.from({ length: Math.min(count, values.length) }, (_, i) => values[i * step]!)
}

/** Unit length and mean 0; missing values count as the mean. */
function standardised(values: Float64Array): Float64Array {
  let sum = 0
  let n = 0
  for (const value of values) {
    if (Number.isNaN(value)) continue
    sum += value
    n++
  }
  const centred = values.map((value) => (Number.isNaN(value) ? 0 : value - sum / n))
  const length = Math.sqrt(dot(centred, centred))
  return length > 0 ? centred.map((value) => value / length) : centred
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
