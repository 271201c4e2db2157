import { findSides, type Trees } from '../model/trees.ts'
import { leftShare } from './covers.ts'
import type { BackgroundPatterns, LeafGame } from './leaf-game.ts'
import { extendPath, findStrays, type LeafPath, ROOT_PATH } from './leaf-path.ts'

/** Rows on their way through trees: those to explain, and after them those of the background. */
export interface RowBlock {
  readonly columns: readonly Float32Array[]
  readonly rowCount: number
  readonly backgroundCount: number
}

/**
 * Features of a path up to which rows are told apart by bits: rows that stray alike are evaluated once. Beyond, each
 * row is.
 */
const MOST_BITS = 16
/** By bits, the features by which a row strays from the path so far. */
type Masks = Uint16Array

interface Visit {
  /** Counted from the root of the tree. */
  readonly node: number
  readonly path: LeafPath
  readonly masks: Masks | undefined
}

/** Adds the values of every leaf of some trees to columns of sums, one column after the other, a value a row. */
export class LeafSummer {
  readonly sums: Float64Array
  readonly #trees: Trees
  readonly #game: LeafGame
  readonly #block: RowBlock
  readonly #featureCount: number
  readonly #spareMasks: Masks[] = []
  readonly #sides: Uint8Array
  readonly #offsets: Uint32Array
  readonly #offsetOfMask = new Int32Array(2 ** MOST_BITS).fill(-1)
  readonly #strays: Uint8Array
  #table = new Float64Array(1024)

  constructor(trees: Trees, game: LeafGame, block: RowBlock) {
    this.#trees = trees
    this.#game = game
    this.#block = block
    this.#featureCount = block.columns.length
    this.sums = new Float64Array(game.columnCount(this.#featureCount) * block.rowCount)
    this.#sides = new Uint8Array(block.rowCount + block.backgroundCount)
    this.#offsets = new Uint32Array(block.rowCount)
    this.#strays = new Uint8Array(this.#featureCount)
  }

  /**
   * Walks with a list of its own, since trees may be deeper than the stack, and takes the smaller side of a split first:
   * then the masks of few sides are held at a time.
   */
  addTree(tree: number): void {
    const root = this.#trees.starts[tree]!
    const sizes = subtreeSizes(this.#trees, tree)
    const open: Visit[] = [{ node: 0, path: ROOT_PATH, masks: this.#takeMasks().fill(0) }]
    for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
      const { node, path, masks } = visit
      if (this.#trees.feature[root + node]! >= 0) {
        const [left, right] = this.#split(tree, visit)
        if (sizes[left.node]! < sizes[right.node]!) open.push(right, left)
        else open.push(left, right)
        continue
      }
      this.#addLeaf(path, this.#trees.value[root + node]!, masks)
      if (masks) this.#spareMasks.push(masks)
    }
  }

  #split(tree: number, { node, path, masks }: Visit): [Visit, Visit] {
    const at = this.#trees.starts[tree]! + node
    const feature = this.#trees.feature[at]!
    const share = leftShare(this.#trees, tree, at)
    const leftPath = extendPath(path, feature, at, true, share)
    const rightPath = extendPath(path, feature, at, false, 1 - share)
    const child = this.#trees.left[at]!
    const { position } = leftPath.last!
    if (masks === undefined || position >= MOST_BITS)
      return [
        { node: child, path: leftPath, masks: undefined },
        { node: child + 1, path: rightPath, masks: undefined },
      ]
    const rightMasks = this.#takeMasks()
    findSides(this.#trees, at, this.#block.columns[feature]!, this.#sides)
    markStrays(this.#sides, position, masks, rightMasks)
    return [
      { node: child, path: leftPath, masks },
      { node: child + 1, path: rightPath, masks: rightMasks },
    ]
  }

  #takeMasks(): Masks {
    const { rowCount, backgroundCount } = this.#block
    return this.#spareMasks.pop() ?? new Uint16Array(rowCount + backgroundCount)
  }

  #addLeaf(path: LeafPath, value: number, masks: Masks | undefined): void {
    if (value === 0 || path.features.length === 0) return
    const columns = this.#game.columnsOf(path, this.#featureCount)
    this.#game.open(path, value, this.#backgroundPatterns(path, masks))
    if (masks === undefined) this.#evaluateEach(path, columns.length)
    else this.#evaluateDistinct(masks, path.features.length, columns.length)
    this.#addColumns(columns)
  }

  #evaluateEach(path: LeafPath, width: number): void {
    const { columns, rowCount } = this.#block
    this.#reserve(rowCount * width)
    for (let row = 0; row < rowCount; row++) {
      findStrays(path, this.#trees, columns, row, this.#strays)
      this.#game.evaluate(this.#strays, this.#table, row * width)
      this.#offsets[row] = row * width
    }
  }

  #evaluateDistinct(masks: Masks, featureCount: number, width: number): void {
    const offsetOfMask = this.#offsetOfMask
    const offsets = this.#offsets
    const distinct: number[] = []
    for (let row = 0; row < offsets.length; row++) {
      const mask = masks[row]!
      let offset = offsetOfMask[mask]!
      if (offset < 0) {
        offset = distinct.length * width
        offsetOfMask[mask] = offset
        distinct.push(mask)
      }
      offsets[row] = offset
    }
    this.#reserve(distinct.length * width)
    for (const [i, mask] of distinct.entries()) {
      for (let f = 0; f < featureCount; f++) this.#strays[f] = (mask >>> f) & 1
      this.#game.evaluate(this.#strays, this.#table, i * width)
      offsetOfMask[mask] = -1
    }
  }

  #reserve(length: number): void {
    if (this.#table.length < length) this.#table = new Float64Array(2 * length)
  }

  #addColumns(columns: readonly number[]): void {
    for (let i = 0; i < columns.length; i++) {
      const begin = columns[i]! * this.#block.rowCount
      addLookedUp(this.sums.subarray(begin, begin + this.#block.rowCount), this.#table, this.#offsets, i)
    }
  }

  #backgroundPatterns(path: LeafPath, masks: Masks | undefined): BackgroundPatterns {
    const { rowCount, backgroundCount, columns } = this.#block
    const positionsOf = (strays: (position: number) => boolean) =>
      path.features.flatMap((_, p) => (strays(p) ? [p] : []))
    if (masks !== undefined) {
      const counts = new Map<number, number>()
      for (const mask of masks.subarray(rowCount)) counts.set(mask, (counts.get(mask) ?? 0) + 1)
      return Array.from(counts, ([mask, weight]) => ({
        weight,
        positions: positionsOf((p) => ((mask >>> p) & 1) === 1),
      }))
    }
    return Array.from({ length: backgroundCount }, (_, i) => {
      findStrays(path, this.#trees, columns, rowCount + i, this.#strays)
      return { weight: 1, positions: positionsOf((p) => this.#strays[p] === 1) }
    })
  }
}

/** A row strays from the side that it does not go to. `masks` become those of the left side. */
function markStrays(sides: Uint8Array, position: number, masks: Masks, right: Masks): void {
  for (let row = 0; row < sides.length; row++) {
    const mask = masks[row]!
    const side = sides[row]!
    masks[row] = mask | ((1 - side) << position)
    right[row] = mask | (side << position)
  }
}

/** Nodes below and including each node of a tree. */
function subtreeSizes({ starts, feature, left }: Trees, tree: number): Uint32Array {
  const root = starts[tree]!
  const sizes = new Uint32Array(starts[tree + 1]! - root).fill(1)
  for (let node = sizes.length - 1; node >= 0; node--) {
    if (feature[root + node]! < 0) continue
    const child = left[root + node]!
    sizes[node] = 1 + sizes[child]! + sizes[child + 1]!
  }
  return sizes
}

/** The innermost loop of all explanations. */
function addLookedUp(sums: Float64Array, table: Float64Array, offsets: Uint32Array, at: number): void {
  for (let row = 0; row < sums.length; row++) sums[row]! += table[offsets[row]! + at]!
}
