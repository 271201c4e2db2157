import { goesLeft, type Trees } from '../model/trees.ts'
import type { TreeLayout } from './layout.ts'
import type { Question } from './questions.ts'

const NODE_BYTES = 16
const TREE_BYTES = 8
/** Low bits of a node's second word. */
const BY_CATEGORY = 1
const MISSING_IS_YES = 2

/** Trees as they are, of any depth and kind of split, with their sets of categories. */
export function planPointers(
  trees: Trees,
  questions: readonly (Question | undefined)[],
  depths: readonly number[],
  outputTrees: readonly (readonly number[])[],
): TreeLayout {
  const nodeBytes = trees.feature.length * NODE_BYTES
  const listBytes = depths.length * TREE_BYTES
  return {
    sizeBytes: nodeBytes + listBytes + trees.sets.words.byteLength,
    write(memory, nodes, kernels) {
      const lists = writeLists(trees, depths, outputTrees, memory.buffer, nodes + nodeBytes)
      const sets = nodes + nodeBytes + listBytes
      new Uint32Array(memory.buffer, sets, trees.sets.words.length).set(trees.sets.words)
      for (let tree = 0; tree < depths.length; tree++)
        writeTree(trees, questions, tree, { buffer: memory.buffer, nodes, sets })
      const byCategory = trees.categorySet.some((set) => set >= 0)
      const rows = byCategory ? kernels.predictRowsByCategory : kernels.predictRows
      const row = byCategory ? kernels.predictRowByCategory : kernels.predictRow
      return {
        addToRows(output, block, rowCount, scores) {
          const { begin, treeCount } = lists[output]!
          rows(block, rowCount, nodes, begin, treeCount, scores)
        },
        scoreRow(output, block, base) {
          const { begin, treeCount } = lists[output]!
          return row(block, nodes, begin, treeCount, base)
        },
      }
    },
  }
}

/** Byte offset of the root and depth of each tree, the trees of an output together. */
function writeLists(
  trees: Trees,
  depths: readonly number[],
  outputTrees: readonly (readonly number[])[],
  buffer: SharedArrayBuffer,
  address: number,
): { begin: number; treeCount: number }[] {
  const words = new Uint32Array(buffer, address, depths.length * 2)
  let count = 0
  return outputTrees.map((list) => {
    const begin = address + count * TREE_BYTES
    for (const tree of list) words.set([trees.starts[tree]! * NODE_BYTES, depths[tree]!], 2 * count++)
    return { begin, treeCount: list.length }
  })
}

interface Room {
  readonly buffer: SharedArrayBuffer
  /** Addresses of all nodes and of all sets. */
  readonly nodes: number
  readonly sets: number
}

/** The two children of a node change places where yes means left: the one for yes is the second. */
function writeTree(trees: Trees, questions: readonly (Question | undefined)[], tree: number, room: Room): void {
  const root = trees.starts[tree]!
  const end = trees.starts[tree + 1]!
  const place = new Uint32Array(end - root)
  for (let node = root; node < end; node++) {
    const question = questions[node]
    const at = root + place[node - root]!
    if (question === undefined) {
      writeLeaf(at, trees.value[node]!, room)
      continue
    }
    const left = trees.left[node]!
    place[left] = left + (question.yesIsLeft ? 1 : 0)
    place[left + 1] = left + (question.yesIsLeft ? 0 : 1)
    if (trees.categorySet[node]! < 0) writeNode(at, question.bound, question.offset, root + left, room)
    else writeCategoryNode(trees, node, question, at, root + left, room)
  }
}

function writeNode(at: number, bound: number, word: number, child: number, { buffer, nodes }: Room): void {
  new Float32Array(buffer, nodes + at * NODE_BYTES, 1)[0] = bound
  new Uint32Array(buffer, nodes + at * NODE_BYTES + 4, 2).set([word, child * NODE_BYTES])
}

function writeLeaf(at: number, value: number, room: Room): void {
  writeNode(at, Number.NaN, 0, at, room)
  new Float32Array(room.buffer, room.nodes + at * NODE_BYTES + 12, 1)[0] = value
}

function writeCategoryNode(
  trees: Trees,
  node: number,
  { offset, yesIsLeft }: Question,
  at: number,
  child: number,
  room: Room,
): void {
  const { starts } = trees.sets
  const set = trees.categorySet[node]!
  const missingIsYes = goesLeft(trees, node, Number.NaN) === yesIsLeft
  const word = offset | BY_CATEGORY | (missingIsYes ? MISSING_IS_YES : 0)
  writeNode(at, 0, word, child, room)
  const words = new Uint32Array(room.buffer, room.nodes + at * NODE_BYTES, 4)
  words[0] = room.sets + starts[set]! * 4
  words[3] = starts[set + 1]! - starts[set]!
}
