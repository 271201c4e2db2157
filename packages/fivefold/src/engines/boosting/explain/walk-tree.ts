import { findSides, goesLeft, type Trees } from '../model/trees.ts'
import { leftShare } from './covers.ts'
import { copyPath, emptyPath, extendPath, type LeafPath, positionOf } from './leaf-path.ts'

/** Rows on their way through trees: those to explain, and after them those of the background. */
export interface RowBlock {
  readonly columns: readonly Float32Array[]
  readonly rowCount: number
  readonly backgroundCount: number
}

/** Features of a path up to which rows are told apart by bits. */
export const MOST_BITS = 16

/** A leaf with the rows as they stray from the path to it; good until the walk goes on. */
export interface Leaf {
  readonly path: LeafPath
  readonly value: number
  /** A row's bit i is 1 where it strays by the path's i-th feature; undefined for paths of more than `MOST_BITS` features. */
  readonly masks: Uint16Array | undefined
  /** Writes 1 for each feature of the path by which a row strays, else 0. For paths without masks. */
  readonly findStrays: (row: number, strays: Uint8Array) => void
}

/** A node that is still to be visited. */
interface Level {
  /** Counted from the root of the tree. */
  node: number
  readonly path: LeafPath
  hasMasks: boolean
  readonly masks: Uint16Array
}

/**
 * Visits every leaf of a tree. Walks with a list of its own, since trees may be deeper than the stack, and takes the
 * smaller side of a split first: then no more levels are open than the logarithm of the number of leaves.
 */
export function createTreeWalk(trees: Trees, block: RowBlock): (tree: number, onLeaf: (leaf: Leaf) => void) => void {
  const rowCount = block.rowCount + block.backgroundCount
  const sides = new Uint8Array(rowCount)
  const levels: Level[] = []
  const levelAt = (depth: number): Level => {
    levels[depth] ??= { node: 0, path: emptyPath(), hasMasks: true, masks: new Uint16Array(rowCount) }
    return levels[depth]
  }
  return (tree, onLeaf) => {
    const root = trees.starts[tree]!
    const { sizes, parents } = shapeOf(trees, tree)
    const first = levelAt(0)
    first.node = 0
    first.path.count = 0
    first.hasMasks = true
    first.masks.fill(0)
    for (let depth = 0; depth >= 0; ) {
      const level = levels[depth]!
      const node = root + level.node
      if (trees.feature[node]! >= 0) {
        const child = trees.left[node]!
        descend(tree, level, levelAt(++depth), sizes[child]! < sizes[child + 1]!)
        continue
      }
      onLeaf({
        path: level.path,
        value: trees.value[node]!,
        masks: level.hasMasks ? level.masks : undefined,
        findStrays: (row, strays) => findStrays(root, level, parents, row, strays),
      })
      depth--
    }
  }

  /** Puts the smaller side of a level's split into the next level, and the other one in place of the split. */
  function descend(tree: number, level: Level, next: Level, leftIsSmaller: boolean): void {
    const node = trees.starts[tree]! + level.node
    const feature = trees.feature[node]!
    const child = trees.left[node]!
    const share = leftShare(trees, tree, node)
    copyPath(level.path, next.path)
    next.node = leftIsSmaller ? child : child + 1
    level.node = leftIsSmaller ? child + 1 : child
    extendPath(next.path, feature, leftIsSmaller ? share : 1 - share)
    const position = extendPath(level.path, feature, leftIsSmaller ? 1 - share : share)
    level.hasMasks &&= position < MOST_BITS
    next.hasMasks = level.hasMasks
    if (!level.hasMasks) return
    findSides(trees, node, block.columns[feature]!, sides)
    markStrays(
      sides,
      position,
      leftIsSmaller ? next.masks : level.masks,
      leftIsSmaller ? level.masks : next.masks,
      level.masks,
    )
  }

  function findStrays(
    root: number,
    { node, path }: Level,
    parents: Uint32Array,
    row: number,
    strays: Uint8Array,
  ): void {
    strays.fill(0, 0, path.count)
    for (let child = node; child !== 0; child = parents[child]!) {
      const parent = root + parents[child]!
      const feature = trees.feature[parent]!
      const isLeft = child === trees.left[parent]!
      if (goesLeft(trees, parent, block.columns[feature]![row]!) !== isLeft) strays[positionOf(path, feature)] = 1
    }
  }
}

/** A row strays from the side that it does not go to. `from` may be one of the sides. */
function markStrays(
  sides: Uint8Array,
  position: number,
  left: Uint16Array,
  right: Uint16Array,
  from: Uint16Array,
): void {
  for (let row = 0; row < sides.length; row++) {
    const mask = from[row]!
    const side = sides[row]!
    left[row] = mask | ((1 - side) << position)
    right[row] = mask | (side << position)
  }
}

/** Of each node of a tree, counted from its root, how many nodes are below and including it, and its parent. */
function shapeOf({ starts, feature, left }: Trees, tree: number): { sizes: Uint32Array; parents: Uint32Array } {
  const root = starts[tree]!
  const sizes = new Uint32Array(starts[tree + 1]! - root).fill(1)
  const parents = new Uint32Array(sizes.length)
  for (let node = sizes.length - 1; node >= 0; node--) {
    if (feature[root + node]! < 0) continue
    const child = left[root + node]!
    sizes[node] = 1 + sizes[child]! + sizes[child + 1]!
    parents[child] = node
    parents[child + 1] = node
  }
  return { sizes, parents }
}
