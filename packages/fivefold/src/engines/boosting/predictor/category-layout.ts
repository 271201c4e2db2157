import type { Kernels } from '../kernels/kernels.ts'
import { goesLeft, type Trees } from '../model/trees.ts'
import type { PredictionKernels, TreeLayout } from './layout.ts'
import { NODE_BYTES, placeNodes, TREE_BYTES, writeLists, writeNode } from './pointer-layout.ts'
import type { Question } from './questions.ts'

/** Low bit of a node's second word. */
const BY_CATEGORY = 1

/** Addresses of the parts. */
interface Parts {
  readonly nodes: number
  readonly lists: number
  readonly values: number
  readonly sets: number
}

/**
 * Trees of any depth with splits by category. Every such split has its set as bits for all codes of its feature, for unknown
 * ones and for missing values, so that each value finds its answer without a comparison.
 */
export function planCategoryPointers(
  trees: Trees,
  questions: readonly (Question | undefined)[],
  depths: readonly number[],
  outputTrees: readonly (readonly number[])[],
): TreeLayout {
  const nodeBytes = questions.length * NODE_BYTES
  const listBytes = depths.length * TREE_BYTES
  const valueBytes = questions.length * 4
  // The first word is the empty set of the other nodes.
  const setBytes = 4 + 4 * questions.reduce((sum, question) => sum + (question?.words ?? 0), 0)
  return {
    sizeBytes: nodeBytes + listBytes + valueBytes + setBytes,
    write({ buffer }, nodes, kernels) {
      const lists = nodes + nodeBytes
      const parts = { nodes, lists, values: lists + listBytes, sets: lists + listBytes + valueBytes }
      writeNodes(trees, questions, buffer, parts)
      return kernelsOver(writeLists(trees, depths, outputTrees, buffer, lists), parts, kernels)
    },
  }
}

function kernelsOver(
  lists: readonly { readonly begin: number; readonly treeCount: number }[],
  { nodes, values }: Parts,
  kernels: Kernels,
): PredictionKernels {
  return {
    addToRows(output, block, rowCount, scores) {
      const { begin, treeCount } = lists[output]!
      kernels.predictRowsByCategory(block, rowCount, nodes, begin, treeCount, values, scores)
    },
    scoreRow(output, block, base) {
      const { begin, treeCount } = lists[output]!
      return kernels.predictRowByCategory(block, nodes, begin, treeCount, values, base)
    },
  }
}

function writeNodes(
  trees: Trees,
  questions: readonly (Question | undefined)[],
  buffer: SharedArrayBuffer,
  { nodes, values, sets }: Parts,
): void {
  const { own, child } = placeNodes(trees, questions)
  const words = new Uint32Array(buffer)
  const leaves = new Float32Array(buffer, values, questions.length)
  let end = sets + 4
  for (const [node, question] of questions.entries()) {
    const at = nodes + own[node]! * NODE_BYTES
    writeNode(buffer, at, child[node]!, question)
    words[at / 4 + 3] = sets
    if (question === undefined) leaves[own[node]!] = trees.value[node]!
    if (question?.words === undefined) continue
    words[at / 4 + 1]! |= BY_CATEGORY
    words[at / 4 + 3] = end
    writeSet(trees, node, question.words, words.subarray(end / 4))
    end += question.words * 4
  }
}

/** Bits of the members, which are the answer yes; then none for unknown codes, and one for missing values. */
function writeSet(trees: Trees, node: number, wordCount: number, words: Uint32Array): void {
  const { starts, words: members } = trees.sets
  const set = trees.categorySet[node]!
  words.set(members.subarray(starts[set]!, starts[set + 1]!))
  const missingIsYes = goesLeft(trees, node, Number.NaN) === (trees.membersLeft[node] === 1)
  // The code for missing values follows that for unknown ones, which is the first of the last word.
  if (missingIsYes) words[wordCount - 1]! |= 2
}
