import type { Trees } from '../model/trees.ts'
import type { TreeLayout } from './layout.ts'
import type { Question } from './questions.ts'

export const NODE_BYTES = 16
export const TREE_BYTES = 8

/** Trees as they are, of any depth, that split by threshold alone. */
export function planPointers(
  trees: Trees,
  questions: readonly (Question | undefined)[],
  depths: readonly number[],
  outputTrees: readonly (readonly number[])[],
): TreeLayout {
  const nodeBytes = trees.feature.length * NODE_BYTES
  return {
    sizeBytes: nodeBytes + depths.length * TREE_BYTES,
    write(memory, nodes, kernels) {
      const lists = writeLists(trees, depths, outputTrees, memory.buffer, nodes + nodeBytes)
      const { own, child } = placeNodes(trees, questions)
      for (const [node, question] of questions.entries()) {
        const at = nodes + own[node]! * NODE_BYTES
        writeNode(memory.buffer, at, child[node]!, question)
        if (question === undefined) new Float32Array(memory.buffer, at + 12, 1)[0] = trees.value[node]!
      }
      return {
        addToRows(output, block, rowCount, scores) {
          const { begin, treeCount } = lists[output]!
          kernels.predictRows(block, rowCount, nodes, begin, treeCount, scores)
        },
        scoreRow(output, block, base) {
          const { begin, treeCount } = lists[output]!
          return kernels.predictRow(block, nodes, begin, treeCount, base)
        },
      }
    },
  }
}

/** Byte offset of the root and depth of each tree, the trees of an output together. */
export function writeLists(
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

export interface Places {
  /** Where each node stands. */
  readonly own: Uint32Array
  /** Where the node for 'no' stands; that for 'yes' follows. A leaf's own place. */
  readonly child: Uint32Array
}

/** Two children change places where yes means left, since the one for yes is the second. */
export function placeNodes(trees: Trees, questions: readonly (Question | undefined)[]): Places {
  const own = Uint32Array.from(questions, (_, node) => node)
  const child = new Uint32Array(own.length)
  for (let tree = 0; tree + 1 < trees.starts.length; tree++)
    for (let node = trees.starts[tree]!; node < trees.starts[tree + 1]!; node++) {
      const question = questions[node]
      const left = trees.starts[tree]! + trees.left[node]!
      child[node] = question === undefined ? own[node]! : left
      if (question?.yesIsLeft === true) own.set([left + 1, left], left)
    }
  return { own, child }
}

/** All but the last word. A leaf asks against NaN and is its own child. */
export function writeNode(buffer: SharedArrayBuffer, at: number, child: number, question: Question | undefined): void {
  const floats = new Float32Array(buffer, at, 1)
  const words = new Uint32Array(buffer, at, 3)
  floats[0] = question?.bound ?? Number.NaN
  words[1] = question?.offset ?? 0
  words[2] = child * NODE_BYTES
}
