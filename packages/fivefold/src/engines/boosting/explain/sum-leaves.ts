import type { Trees } from '../model/trees.ts'
import type { BackgroundPatterns, LeafGame } from './leaf-game.ts'
import { createTreeWalk, type Leaf, MOST_BITS, type RowBlock } from './walk-tree.ts'

/** Adds the values of leaves to columns of sums. */
export interface LeafSummer {
  /** One column after the other, a value a row. */
  readonly sums: Float64Array
  addTree(tree: number): void
}

export function createLeafSummer(trees: Trees, game: LeafGame, block: RowBlock): LeafSummer {
  const { rowCount } = block
  const featureCount = block.columns.length
  const walk = createTreeWalk(trees, block)
  const evaluation = createEvaluation(game, rowCount, featureCount)
  const sums = new Float64Array(game.columnCount(featureCount) * rowCount)
  const addLeaf = (leaf: Leaf): void => {
    if (leaf.value === 0 || leaf.path.count === 0) return
    game.open(leaf.path, leaf.value, block.backgroundCount > 0 ? backgroundPatterns(leaf, block) : [])
    const width = game.columnsOf(leaf.path, featureCount, evaluation.columns)
    if (leaf.masks === undefined) evaluation.evaluateEach(leaf, width)
    else evaluation.evaluateDistinct(leaf.masks, leaf.path.count, width)
    for (let i = 0; i < width; i++) {
      const begin = evaluation.columns[i]! * rowCount
      addLookedUp(sums, begin, evaluation.table(), evaluation.offsets, i)
    }
  }
  return { sums, addTree: (tree) => walk(tree, addLeaf) }
}

/** Values of a leaf for each way in which rows stray from it, and where in `table` each row finds its own. */
interface Evaluation {
  readonly columns: number[]
  readonly offsets: Uint32Array
  table(): Float64Array
  evaluateEach(leaf: Leaf, width: number): void
  evaluateDistinct(masks: Uint16Array, featureCount: number, width: number): void
}

/** Rows that stray alike are evaluated once. */
function createEvaluation(game: LeafGame, rowCount: number, featureCount: number): Evaluation {
  const offsets = new Uint32Array(rowCount)
  /** Offsets plus one, so that 0 is a mask that was not met. */
  let offsetOfMask = new Uint32Array(256)
  const distinct = new Uint16Array(Math.min(rowCount, 2 ** MOST_BITS))
  const strays = new Uint8Array(featureCount)
  let table = new Float64Array(1024)
  const reserve = (length: number): void => {
    if (table.length < length) table = new Float64Array(2 * length)
  }
  const numberMasks = (masks: Uint16Array, width: number): number => {
    let count = 0
    for (let row = 0; row < rowCount; row++) {
      const mask = masks[row]!
      let next = offsetOfMask[mask]!
      if (next === 0) {
        next = count * width + 1
        offsetOfMask[mask] = next
        distinct[count++] = mask
      }
      offsets[row] = next - 1
    }
    return count
  }
  return {
    columns: [],
    offsets,
    table: () => table,
    evaluateEach: ({ findStrays }, width) => {
      reserve(rowCount * width)
      for (let row = 0; row < rowCount; row++) {
        findStrays(row, strays)
        game.evaluate(strays, table, row * width)
        offsets[row] = row * width
      }
    },
    evaluateDistinct: (masks, count, width) => {
      if (offsetOfMask.length < 2 ** count) offsetOfMask = new Uint32Array(2 ** count)
      const distinctCount = numberMasks(masks, width)
      reserve(distinctCount * width)
      for (let i = 0; i < distinctCount; i++) {
        const mask = distinct[i]!
        for (let f = 0; f < count; f++) strays[f] = (mask >>> f) & 1
        game.evaluate(strays, table, i * width)
        offsetOfMask[mask] = 0
      }
    },
  }
}

/** The innermost loop of all explanations. */
function addLookedUp(sums: Float64Array, begin: number, table: Float64Array, offsets: Uint32Array, at: number): void {
  for (let row = 0; row < offsets.length; row++) sums[begin + row]! += table[offsets[row]! + at]!
}

function backgroundPatterns({ path, masks, findStrays }: Leaf, block: RowBlock): BackgroundPatterns {
  const { rowCount, backgroundCount } = block
  if (masks !== undefined) return patternsOfMasks(masks.subarray(rowCount), path.count)
  const strays = new Uint8Array(path.count)
  return Array.from({ length: backgroundCount }, (_, i) => {
    findStrays(rowCount + i, strays)
    return { weight: 1, positions: Array.from(strays.keys()).filter((position) => strays[position] === 1) }
  })
}

function patternsOfMasks(masks: Uint16Array, count: number): BackgroundPatterns {
  const weights = new Map<number, number>()
  for (let row = 0; row < masks.length; row++) weights.set(masks[row]!, (weights.get(masks[row]!) ?? 0) + 1)
  return Array.from(weights, ([mask, weight]) => {
    const positions: number[] = []
    for (let position = 0; position < count; position++) if ((mask >>> position) & 1) positions.push(position)
    return { weight, positions }
  })
}
