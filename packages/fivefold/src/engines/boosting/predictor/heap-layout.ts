import type { Trees } from '../model/trees.ts'
import type { TreeLayout } from './layout.ts'
import type { Question } from './questions.ts'

/** Full trees of a greater depth leave the cache. */
const MAX_DEPTH = 8
/** Full trees may have so many times the leaves of the trees themselves: beyond, pointers touch less memory. */
const MAX_GROWTH = 4
const NODE_BYTES = 8

/**
 * Full binary trees of one depth, without pointers: children of node i are 2 i and 2 i + 1. A leaf above the last level
 * becomes splits that ask against NaN, over the leaf's value.
 *
 * @returns undefined where the trees are too deep or too lopsided for that
 */
export function planHeaps(
  trees: Trees,
  questions: readonly (Question | undefined)[],
  depths: readonly number[],
  outputTrees: readonly (readonly number[])[],
): TreeLayout | undefined {
  const depth = depths.reduce((a, b) => Math.max(a, b), 0)
  const leafCount = trees.feature.reduce((count, feature) => count + (feature < 0 ? 1 : 0), 0)
  if (depth > MAX_DEPTH || depths.length * 2 ** depth > MAX_GROWTH * leafCount) return undefined
  const treeBytes = (NODE_BYTES + 4) * 2 ** depth
  return {
    sizeBytes: treeBytes * depths.length,
    write(memory, address, kernels) {
      let end = address
      const heaps = outputTrees.map((list) => {
        const begin = end
        for (const tree of list) {
          writeHeap(trees, questions, tree, depth, memory.buffer, end)
          end += treeBytes
        }
        return { begin, treeCount: list.length }
      })
      return {
        addToRows(output, block, rowCount, scores) {
          const { begin, treeCount } = heaps[output]!
          kernels.predictRowsInHeaps(block, rowCount, begin, depth, treeCount, scores)
        },
        scoreRow(output, block, base) {
          const { begin, treeCount } = heaps[output]!
          return kernels.predictRowInHeaps(block, begin, depth, treeCount, base)
        },
      }
    },
  }
}

function writeHeap(
  trees: Trees,
  questions: readonly (Question | undefined)[],
  tree: number,
  depth: number,
  buffer: SharedArrayBuffer,
  address: number,
): void {
  const root = trees.starts[tree]!
  const firstLeaf = 2 ** depth
  const floats = new Float32Array(buffer, address, 3 * firstLeaf)
  const words = new Uint32Array(buffer, address, 3 * firstLeaf)
  const nodeAt = new Uint32Array(2 * firstLeaf)
  nodeAt[1] = root
  for (let i = 1; i < firstLeaf; i++) {
    const node = nodeAt[i]!
    const question = questions[node]
    floats[2 * i] = question?.bound ?? Number.NaN
    words[2 * i + 1] = question?.offset ?? 0
    const left = root + trees.left[node]!
    const no = question === undefined ? node : question.yesIsLeft ? left + 1 : left
    nodeAt[2 * i] = no
    nodeAt[2 * i + 1] = question === undefined ? node : question.yesIsLeft ? left : left + 1
  }
  for (let i = firstLeaf; i < 2 * firstLeaf; i++) floats[firstLeaf + i] = trees.value[nodeAt[i]!]!
}
