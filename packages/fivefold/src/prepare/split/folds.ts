import { FivefoldError, type Rng } from '../../core/index.ts'
import type { Column, NumberColumn, RowIndex, Target } from '../../data/index.ts'
import { groupsOf } from './group-split.ts'
import { impossible, partition } from './sides.ts'
import { nearestBoundary, requireTimes } from './time-split.ts'

export interface Fold {
  readonly train: RowIndex
  readonly validation: RowIndex
}

/** Targets and columns cover the whole table; `rows` picks from them. At most one of the three may be given. */
export interface FoldOptions {
  readonly k: number
  /** Classes get the same shares in every fold, within one row. */
  readonly stratify?: Target
  /** All rows of one value are in one fold. */
  readonly groups?: Column
  /** Forward chaining: each fold is validated on the block of time that follows its training rows. */
  readonly time?: NumberColumn
}

/**
 * Rows for k-fold cross-validation. Every row is validated once, except under `time`, where the first block only trains.
 *
 * @throws OPTION_INVALID for k below 2, SPLIT_IMPOSSIBLE for fewer rows, groups or instants than folds need
 */
export function foldsOf(rows: RowIndex, options: FoldOptions, rng: Rng): Fold[] {
  const { k, stratify, groups, time } = options
  if (!Number.isInteger(k) || k < 2) throw new FivefoldError('OPTION_INVALID', `k is ${k}; it must be 2 or more`)
  if (rows.length < k) throw impossible(`${rows.length} rows are too few for ${k} folds`)
  if (time) return forwardFolds(rows, time, k)
  const foldOf = groups ? dealGroups(rows, groups, k, rng) : dealRows(rows, stratify, k, rng)
  return Array.from({ length: k }, (_, fold) => {
    const [train, validation] = partition(rows, (_row, at) => foldOf[at] === fold)
    return { train, validation }
  })
}

/** Deals shuffled rows out like cards, class after class, so that folds and classes within them differ by one at most. */
function dealRows(rows: RowIndex, stratify: Target | undefined, k: number, rng: Rng): Int32Array {
  const positions = rng.shuffle(Uint32Array.from(rows, (_, at) => at))
  const codes = stratify?.kind === 'classes' ? stratify.codes : undefined
  const classOf = (at: number): number => (codes ? codes[rows[at]!]! + 1 : 0)
  const classes = stratify?.kind === 'classes' ? stratify.classes.length + 1 : 1
  const next = new Int32Array(classes + 1)
  for (const at of positions) next[classOf(at) + 1]!++
  for (let group = 1; group <= classes; group++) next[group]! += next[group - 1]!
  const foldOf = new Int32Array(rows.length)
  for (const at of positions) foldOf[at] = next[classOf(at)]!++ % k
  return foldOf
}

/** The largest group first, each into the fold that has fewest rows. */
function dealGroups(rows: RowIndex, column: Column, k: number, rng: Rng): Int32Array {
  const { groupOf, sizes } = groupsOf(rows, column)
  if (sizes.length < k) throw impossible(`${sizes.length} groups are too few for ${k} folds`)
  const order = [...rng.shuffle(Int32Array.from(sizes, (_, group) => group))].sort((a, b) => sizes[b]! - sizes[a]!)
  const filled = new Array<number>(k).fill(0)
  const foldOfGroup = new Int32Array(sizes.length)
  for (const group of order) {
    const fold = filled.indexOf(Math.min(...filled))
    foldOfGroup[group] = fold
    filled[fold]! += sizes[group]!
  }
  return groupOf.map((group) => foldOfGroup[group]!)
}

function forwardFolds(rows: RowIndex, time: NumberColumn, k: number): Fold[] {
  requireTimes(rows, time)
  const sorted = Float64Array.from(rows, (row) => time.values[row]!).sort()
  const cuts = forwardCuts(sorted, k)
  return cuts.map((cut, fold) => {
    const end = cuts[fold + 1] ?? Number.POSITIVE_INFINITY
    const [train, rest] = partition(rows, (row) => time.values[row]! >= cut)
    return { train, validation: partition(rest, (row) => time.values[row]! < end)[1] }
  })
}

/** First values of the k blocks after the first one, as even as instants allow. */
function forwardCuts(sorted: Float64Array, k: number): number[] {
  const cuts: number[] = []
  let start = 0
  for (let block = 1; block <= k; block++) {
    const rest = sorted.subarray(start)
    const wanted = Math.max(1, Math.round(rest.length / (k + 2 - block)))
    const boundary = nearestBoundaryLeaving(rest, wanted, k - block)
    if (boundary === undefined) throw impossible(`too few instants for ${k} folds in time`)
    start += boundary
    cuts.push(sorted[start]!)
  }
  return cuts
}

/** As `nearestBoundary`, but with enough further instants after it for the blocks that follow. */
function nearestBoundaryLeaving(sorted: Float64Array, wanted: number, further: number): number | undefined {
  let limit = sorted.length
  for (let needed = 0; needed <= further; needed++) {
    do limit--
    while (limit > 0 && sorted[limit] === sorted[limit - 1])
    if (limit <= 0) return undefined
  }
  const nearest = nearestBoundary(sorted, wanted)
  return nearest === undefined ? undefined : Math.min(nearest, limit)
}
