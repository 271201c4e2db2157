import type { Rng } from '../../core/index.ts'
import type { Column, Frame } from '../../data/index.ts'
import { classificationMetric, normalCdf, normalQuantile } from '../../metrics/index.ts'
import type { Comparison } from './comparison.ts'
import { detectableOrNull, type Effect, POWER_Z, type TestPlan } from './finding.ts'
import { discriminantScores, fitDiscriminant } from './linear-discriminant.ts'
import { referenceVariation } from './reference-variation.ts'

/** Rows of each side; more only find smaller differences, at a price that grows with the square of the width. */
const MAX_ROWS = 4000
const MAX_CHUNK_ROWS = 1500
const MAX_FEATURES = 120
const MAX_CATEGORIES = 8
const FEWEST_ROWS = 40

/**
 * Test of all columns together: a linear discriminant over the columns, their squares and their products learns on half
 * of the rows to tell reference from current, and is judged by its AUC on the other half. As those rows had no part in
 * it, the AUC has the null distribution of Mann and Whitney (1947), so that no refits are needed for a p-value.
 * Finds changed correlations, which no test of a single column can.
 */
export function compareJointly(
  reference: Frame,
  current: Frame,
  names: readonly string[],
  plan: TestPlan,
): Comparison | undefined {
  if (names.length === 0 || Math.min(reference.rowCount, current.rowCount) < FEWEST_ROWS) return undefined
  const referenceRows = sampleRows(reference.rowCount, MAX_ROWS, plan.rng)
  const currentRows = sampleRows(current.rowCount, MAX_ROWS, plan.rng)
  const table = encodeRows(
    names.map((name) => [reference.columns.get(name), current.columns.get(name)]),
    referenceRows,
    currentRows,
  )
  if (table.width === 0) return undefined
  const rows = Int32Array.from({ length: referenceRows.length }, (_, i) => i)
  const currentPart = Int32Array.from({ length: currentRows.length }, (_, i) => referenceRows.length + i)
  const { auc, effect } = heldOutAuc(table, rows, currentPart, plan.rng)
  const deviation = aucDeviation(rows.length / 2, currentPart.length / 2)
  return {
    method: 'domain classifier',
    statistic: auc,
    pValue: 1 - normalCdf((auc - 0.5) / deviation),
    effectUnit: 'aucExcess',
    ...effect,
    referenceVariation: referenceVariation(rows, plan, (chunk, rest) => chunkEffect(table, chunk, rest, plan.rng)),
    detectableEffect: (level) => detectableOrNull(2 * (normalQuantile(1 - level) + POWER_Z) * deviation),
  }
}

/** Features of reference rows, then of current rows; row-major. */
interface EncodedRows {
  readonly features: Float64Array
  readonly width: number
}

function chunkEffect(table: EncodedRows, chunk: Int32Array, rest: Int32Array, rng: Rng): Effect {
  if (Math.min(chunk.length, rest.length) < FEWEST_ROWS) return { effect: 0, ofSampling: 0, noiseLimit: 0 }
  const some = (rows: Int32Array): Int32Array =>
    Int32Array.from(sampleRows(rows.length, MAX_CHUNK_ROWS, rng), (i) => rows[i]!)
  return heldOutAuc(table, some(chunk), some(rest), rng).effect
}

function heldOutAuc(table: EncodedRows, a: Int32Array, b: Int32Array, rng: Rng): { auc: number; effect: Effect } {
  const [trainA, testA] = halves(a, rng)
  const [trainB, testB] = halves(b, rng)
  const weights = fitDiscriminant(gatherRows(table, trainA, trainB))
  const test = gatherRows(table, testA, testB)
  const auc = aucOf(discriminantScores(weights, test.features), test.labels)
  const deviation = 2 * aucDeviation(testA.length, testB.length)
  // Half of the chance results lie below 0.5 and count as no effect.
  return {
    auc,
    effect: { effect: Math.max(0, 2 * auc - 1), ofSampling: deviation / Math.SQRT2, noiseLimit: 2.81 * deviation },
  }
}

function aucOf(scores: Float64Array, labels: Uint8Array): number {
  const lowest = scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY)
  const range = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY) - lowest || 1
  const probabilities = new Float64Array(scores.length * 2)
  for (let i = 0; i < scores.length; i++) {
    probabilities[2 * i + 1] = (scores[i]! - lowest) / range
    probabilities[2 * i] = 1 - probabilities[2 * i + 1]!
  }
  return classificationMetric('rocAuc', { codes: Int32Array.from(labels), probabilities, classCount: 2 }) ?? 0.5
}

/** Standard deviation of the AUC of scores that say nothing: (n + m + 1) / 12nm. Ties only make it smaller. */
function aucDeviation(n: number, m: number): number {
  return Math.sqrt((n + m + 1) / (12 * n * m))
}

function halves(rows: Int32Array, rng: Rng): [Int32Array, Int32Array] {
  const shuffled = rng.shuffle(Int32Array.from(rows))
  const middle = rows.length >> 1
  return [shuffled.subarray(0, middle), shuffled.subarray(middle)]
}

function gatherRows(
  { features, width }: EncodedRows,
  a: Int32Array,
  b: Int32Array,
): { features: Float64Array; width: number; labels: Uint8Array } {
  const gathered = new Float64Array((a.length + b.length) * width)
  const copy = (row: number, i: number): void =>
    gathered.set(features.subarray(row * width, (row + 1) * width), i * width)
  a.forEach(copy)
  b.forEach((row, i) => {
    copy(row, a.length + i)
  })
  return { features: gathered, width, labels: new Uint8Array(a.length + b.length).fill(1, a.length) }
}

/** Row numbers, ascending: their order in the source is kept. */
function sampleRows(rowCount: number, most: number, rng: Rng): Uint32Array {
  const rows = Uint32Array.from({ length: rowCount }, (_, i) => i)
  return rowCount <= most ? rows : rng.shuffle(rows).slice(0, most).sort()
}

type ColumnPair = readonly [Column | undefined, Column | undefined]

function encodeRows(pairs: readonly ColumnPair[], referenceRows: Uint32Array, currentRows: Uint32Array): EncodedRows {
  const numbers: Float64Array[] = []
  const flags: Float64Array[] = []
  for (const [reference, current] of pairs) {
    if (reference?.kind === 'number' && current?.kind === 'number') {
      const values = Float64Array.of(...pick(reference.values, referenceRows), ...pick(current.values, currentRows))
      numbers.push(...standardised(values))
      flags.push(...missingFlags(values))
    } else if (reference?.kind === 'string' && current?.kind === 'string') {
      const values = [...texts(reference, referenceRows), ...texts(current, currentRows)]
      flags.push(...categoryFlags(values))
    }
  }
  return rowMajor(withProducts([...numbers, ...flags].slice(0, MAX_FEATURES), Math.min(numbers.length, MAX_FEATURES)))
}

function* pick(values: Float64Array, rows: Uint32Array): Iterable<number> {
  for (const row of rows) yield values[row]!
}

function* texts(column: Extract<Column, { kind: 'string' }>, rows: Uint32Array): Iterable<string> {
  for (const row of rows) yield column.dictionary[column.codes[row]!] ?? ''
}

/** Mean 0 and deviation 1, missing values at the mean; cut off at 4 deviations, beyond which squares are all that is seen. */
function standardised(values: Float64Array): Float64Array[] {
  const present = values.filter((value) => !Number.isNaN(value))
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length
  const deviation = Math.sqrt(present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length)
  if (!(deviation > 0)) return []
  const cut = (z: number): number => Math.min(4, Math.max(-4, z))
  return [values.map((value) => (Number.isNaN(value) ? 0 : cut((value - mean) / deviation)))]
}

function missingFlags(values: Float64Array): Float64Array[] {
  const flags = values.map((value) => (Number.isNaN(value) ? 1 : 0))
  const missing = flags.reduce((sum, flag) => sum + flag, 0)
  return missing > 0 && missing < values.length ? [flags] : []
}

/** One flag for each of the most frequent values, missing being one of them. */
function categoryFlags(values: readonly string[]): Float64Array[] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const ranked = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  if (ranked.length < 2) return []
  return ranked.slice(0, MAX_CATEGORIES).map(([kept]) => Float64Array.from(values, (value) => (value === kept ? 1 : 0)))
}

/** Squares and products of the numbers, as far as the width allows: squares first, then neighbours. */
function withProducts(features: readonly Float64Array[], numberCount: number): Float64Array[] {
  const all = [...features]
  for (let distance = 0; distance < numberCount; distance++) {
    for (let j = 0; j + distance < numberCount && all.length < MAX_FEATURES; j++) {
      const other = features[j + distance]!
      all.push(features[j]!.map((value, i) => value * other[i]!))
    }
  }
  return all
}

function rowMajor(columns: readonly Float64Array[]): EncodedRows {
  const width = columns.length
  const rows = columns[0]?.length ?? 0
  const features = new Float64Array(rows * width)
  for (const [j, column] of columns.entries()) for (let i = 0; i < rows; i++) features[i * width + j] = column[i]!
  return { features, width }
}
