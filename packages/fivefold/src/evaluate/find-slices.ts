import { type Context, throwIfCancelled } from '../core/index.ts'
import type { Frame, Schema } from '../data/index.ts'
import { benjaminiHochberg, type MetricName, normalCdf } from '../metrics/index.ts'
import type { Slice, SliceSearch } from './evaluation.ts'
import { metricOfRows, type Outcome, rowLosses } from './outcome.ts'
import { canGroupBy, groupRows, type RowGroups } from './row-groups.ts'

const FALSE_DISCOVERY_RATE = 0.05
/** Below this the difference is real perhaps, and too small to act on (Cohen: 0.2 is small). */
const SMALLEST_EFFECT = 0.1
const MAX_FOUND = 15
const MAX_LOOKED_AT = 200
const LARGEST_OVERLAP = 0.5
/** Columns that are crossed with each other: the ones whose groups differ most. */
const MAX_CROSSED = 16

interface Sums {
  rows: number
  sum: number
  squares: number
}

interface Candidate {
  readonly parts: readonly { readonly groups: RowGroups; readonly group: number }[]
  readonly sums: Sums
  readonly effectSize: number
  readonly pValue: number
}

/**
 * Where the model is worse than elsewhere: single groups of every column and crossings of two, tested one-sided against
 * all other rows by Welch's statistic on a per-row loss (Slice Finder: Chung et al., 2019), with the false discovery rate
 * held at 5% over everything tested. A crossing must also be worse than the rest of both groups that it lies in, so that
 * a bad group does not show again with every column that it is crossed with.
 */
export function findSlices(input: {
  readonly outcome: Outcome
  readonly metric: MetricName
  readonly frame: Frame
  readonly schema: Schema
  readonly target: string
  readonly context: Context
}): SliceSearch {
  const { outcome, metric, frame, schema, target, context } = input
  const { name: loss, losses } = rowLosses(outcome, metric)
  const overall = sumsOf(losses)
  const minRows = Math.max(30, Math.ceil(losses.length / 200))
  const columns = schema.columns
    .filter((column) => column.name !== target && canGroupBy(column))
    .flatMap((column) => groupRows(frame, schema, column.name) ?? [])
    .map((groups): SummedGroups => ({ groups, sums: sumGroups(groups, losses) }))
  const singles = columns.map((column) => singleSlices(column, overall, minRows))
  const crossed = mostTelling(columns, singles)
  const candidates = singles.flat()
  for (let i = 0; i < crossed.length; i++) {
    throwIfCancelled(context.signal)
    for (let j = i + 1; j < crossed.length; j++)
      candidates.push(...crossedSlices(crossed[i]!, crossed[j]!, losses, overall, minRows))
  }
  const found = discoveries(candidates).map((discovery) => describe(discovery, outcome, metric, context.seed))
  const overallLoss = overall.rows === 0 ? 0 : overall.sum / overall.rows
  return { loss, tested: candidates.length, minRows, falseDiscoveryRate: FALSE_DISCOVERY_RATE, overallLoss, found }
}

function sumsOf(losses: Float64Array): Sums {
  const sums = { rows: 0, sum: 0, squares: 0 }
  for (const loss of losses) add(sums, loss)
  return sums
}

function add(sums: Sums, loss: number): void {
  sums.rows++
  sums.sum += loss
  sums.squares += loss * loss
}

function minus(all: Sums, part: Sums): Sums {
  return { rows: all.rows - part.rows, sum: all.sum - part.sum, squares: all.squares - part.squares }
}

const meanOf = ({ sum, rows }: Sums): number => (rows === 0 ? 0 : sum / rows)

function varianceOf({ rows, sum, squares }: Sums): number {
  return rows < 2 ? 0 : Math.max(0, (squares - (sum * sum) / rows) / (rows - 1))
}

/** One-sided p-value for the slice having the greater mean than the rest (Welch, normal approximation). */
function worseThan(slice: Sums, rest: Sums): number {
  const spread = Math.sqrt(varianceOf(slice) / slice.rows + varianceOf(rest) / rest.rows)
  const gap = meanOf(slice) - meanOf(rest)
  if (spread === 0) return gap > 0 ? 0 : 1
  return normalCdf(-gap / spread)
}

function effectOf(slice: Sums, overall: Sums): number {
  const deviation = Math.sqrt(varianceOf(overall))
  return deviation === 0 ? 0 : (meanOf(slice) - meanOf(minus(overall, slice))) / deviation
}

function sumGroups({ codes, groups }: RowGroups, losses: Float64Array): Sums[] {
  const sums = groups.map(() => ({ rows: 0, sum: 0, squares: 0 }))
  for (let i = 0; i < losses.length; i++) if (codes[i]! >= 0) add(sums[codes[i]!]!, losses[i]!)
  return sums
}

/** Sums of every crossing of two columns, row-major; flat arrays, since this runs over all rows for each pair. */
function sumCrossings(first: RowGroups, second: RowGroups, losses: Float64Array): Sums[] {
  const width = second.groups.length
  const cells = first.groups.length * width
  const rows = new Float64Array(cells)
  const sum = new Float64Array(cells)
  const squares = new Float64Array(cells)
  for (let i = 0; i < losses.length; i++) {
    const a = first.codes[i]!
    const b = second.codes[i]!
    if (a < 0 || b < 0) continue
    const cell = a * width + b
    const loss = losses[i]!
    rows[cell]!++
    sum[cell]! += loss
    squares[cell]! += loss * loss
  }
  return Array.from(rows, (count, cell) => ({ rows: count, sum: sum[cell]!, squares: squares[cell]! }))
}

/** A column with the sums of its groups. */
interface SummedGroups {
  readonly groups: RowGroups
  readonly sums: readonly Sums[]
}

function singleSlices({ groups, sums: ofGroups }: SummedGroups, overall: Sums, minRows: number): Candidate[] {
  return ofGroups.flatMap((sums, group) => {
    if (sums.rows < minRows || overall.rows - sums.rows < minRows) return []
    const pValue = worseThan(sums, minus(overall, sums))
    return [{ parts: [{ groups, group }], sums, effectSize: effectOf(sums, overall), pValue }]
  })
}

function crossedSlices(
  first: SummedGroups,
  second: SummedGroups,
  losses: Float64Array,
  overall: Sums,
  minRows: number,
): Candidate[] {
  const width = second.sums.length
  return sumCrossings(first.groups, second.groups, losses).flatMap((sums, cell) => {
    if (sums.rows < minRows || overall.rows - sums.rows < minRows) return []
    const [a, b] = [Math.floor(cell / width), cell % width]
    const rests = [overall, first.sums[a]!, second.sums[b]!].map((around) => minus(around, sums))
    // A group that is hardly more than the crossing, or hardly better outside of it, says the same by itself.
    const enough = SMALLEST_EFFECT * Math.sqrt(varianceOf(overall))
    const redundant = rests.some((rest) => rest.rows < minRows || meanOf(sums) - meanOf(rest) < enough)
    // It was looked at all the same, and counts among the tests.
    const pValue = redundant ? 1 : Math.max(...rests.map((rest) => worseThan(sums, rest)))
    const parts = [
      { groups: first.groups, group: a },
      { groups: second.groups, group: b },
    ]
    return [{ parts, sums, effectSize: effectOf(sums, overall), pValue }]
  })
}

/** Crossing every column with every other would grow with the square of their number. */
function mostTelling(columns: readonly SummedGroups[], singles: readonly (readonly Candidate[])[]): SummedGroups[] {
  const strength = singles.map((slices) => Math.max(0, ...slices.map((slice) => Math.abs(slice.effectSize))))
  return [...columns.keys()]
    .sort((a, b) => strength[b]! - strength[a]! || a - b)
    .slice(0, MAX_CROSSED)
    .sort((a, b) => a - b)
    .map((index) => columns[index]!)
}

interface Discovery {
  readonly candidate: Candidate
  readonly adjustedPValue: number
  readonly rows: Uint32Array
  /** 1 for the rows of the slice. */
  readonly members: Uint8Array
}

/** Strongest first; of slices that are mostly the same rows only the strongest. */
function discoveries(candidates: readonly Candidate[]): Discovery[] {
  const kept: Discovery[] = []
  for (const [candidate, adjustedPValue] of significant(candidates)) {
    const rows = rowsOf(candidate.parts)
    if (kept.some((other) => overlap(rows, other) > LARGEST_OVERLAP)) continue
    const members = new Uint8Array(candidate.parts[0]!.groups.codes.length)
    for (const row of rows) members[row] = 1
    kept.push({ candidate, adjustedPValue, rows, members })
    if (kept.length === MAX_FOUND) break
  }
  return kept
}

function significant(candidates: readonly Candidate[]): [Candidate, number][] {
  const adjusted = benjaminiHochberg(candidates.map((candidate) => candidate.pValue))
  return candidates
    .map((candidate, i): [Candidate, number] => [candidate, adjusted[i]!])
    .filter(([candidate, p]) => p <= FALSE_DISCOVERY_RATE && candidate.effectSize >= SMALLEST_EFFECT)
    .sort(([a], [b]) => b.effectSize - a.effectSize)
    .slice(0, MAX_LOOKED_AT)
}

/** Rows in both over rows in either (Jaccard). */
function overlap(rows: Uint32Array, other: Discovery): number {
  let both = 0
  for (let i = 0; i < rows.length; i++) both += other.members[rows[i]!]!
  return both / (rows.length + other.rows.length - both)
}

function describe(
  { candidate: { parts, sums, effectSize }, adjustedPValue, rows }: Discovery,
  outcome: Outcome,
  metric: MetricName,
  seed: number,
): Slice {
  const value = metricOfRows(outcome, rows, metric, seed)
  return {
    conditions: parts.map(({ groups, group }) => ({ column: groups.column, text: groups.groups[group]!.text })),
    rows: sums.rows,
    meanLoss: meanOf(sums),
    effectSize,
    adjustedPValue,
    ...(value === undefined ? {} : { metric: value }),
  }
}

function rowsOf([first, second]: Candidate['parts']): Uint32Array {
  const { codes } = first!.groups
  const others = second?.groups.codes
  const rows = new Uint32Array(codes.length)
  let count = 0
  for (let row = 0; row < codes.length; row++)
    if (codes[row] === first!.group && (others === undefined || others[row] === second!.group)) rows[count++] = row
  return rows.slice(0, count)
}
