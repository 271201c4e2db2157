import type { FeatureMatrix } from '../../../data/index.ts'
import { allocateMemory, compileKernels, instantiateKernels, type Kernels } from '../kernels/kernels.ts'
import type { BoostingModel } from '../model/model.ts'
import type { Trees } from '../model/trees.ts'

/** Rows that are scored together: their features stay in the first-level cache while the trees pass. */
const BLOCK_ROWS = 64
const NODE_BYTES = 16
const TREE_BYTES = 8
const FIRST_ADDRESS = 1024
/** Low bits of a node's feature word. */
const MISSING_LEFT = 1
const LEAF = 2

/** A model's trees in the form and memory that the prediction kernel reads. */
interface Scorer {
  readonly kernels: Kernels
  readonly nodes: number
  /** For each output where its trees are listed, and how many. */
  readonly outputs: readonly { readonly trees: number; readonly treeCount: number }[]
  readonly block: Float32Array
  readonly scores: Float64Array
}

let compiled: WebAssembly.Module | undefined
/** Made at a model's first prediction, gone with the model. */
const scorers = new WeakMap<Trees, Scorer>()

/** Sums of leaf values on top of the base scores, row-major [rows x outputs]. */
export function scoreRows(model: BoostingModel, { values, rowCount }: FeatureMatrix): Float64Array {
  const { baseScores, trees } = model
  let scorer = scorers.get(trees)
  if (scorer === undefined) {
    scorer = createScorer(trees, baseScores.length, values.length)
    scorers.set(trees, scorer)
  }
  const all = new Float64Array(rowCount * baseScores.length)
  for (let begin = 0; begin < rowCount; begin += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - begin)
    fillBlock(scorer.block, values, begin, count)
    for (const [output, base] of baseScores.entries()) {
      scoreBlock(scorer, output, base, values.length, count)
      for (let i = 0; i < count; i++) all[(begin + i) * baseScores.length + output] = scorer.scores[i]!
    }
  }
  return all
}

function fillBlock(block: Float32Array, values: FeatureMatrix['values'], begin: number, count: number): void {
  const width = values.length
  for (let feature = 0; feature < width; feature++) {
    const column = values[feature]!
    for (let i = 0; i < count; i++) block[i * width + feature] = column[begin + i]!
  }
}

/** The kernel takes rows in fours; what it computes for rows beyond the last one is not read. */
function scoreBlock(scorer: Scorer, output: number, base: number, width: number, count: number): void {
  const { kernels, nodes, block, scores } = scorer
  const { trees, treeCount } = scorer.outputs[output]!
  scores.fill(base)
  kernels.predictRows(block.byteOffset, width * 4, count, nodes, trees, treeCount, scores.byteOffset)
}

function createScorer(trees: Trees, outputCount: number, featureCount: number): Scorer {
  const nodeCount = trees.feature.length
  const treeCount = trees.starts.length - 1
  const scores = FIRST_ADDRESS
  const nodes = scores + BLOCK_ROWS * 8
  const lists = nodes + nodeCount * NODE_BYTES
  const block = lists + treeCount * TREE_BYTES
  const memory = allocateMemory(block + BLOCK_ROWS * featureCount * 4)
  compiled ??= compileKernels()
  const words = new Uint32Array(memory.buffer)
  writeNodes(trees, words.subarray(nodes / 4), new Float32Array(memory.buffer, nodes))
  let at = lists
  const outputs = Array.from({ length: outputCount }, (_, output) => {
    const begin = at
    for (let tree = 0; tree < treeCount; tree++) {
      if (trees.output[tree] !== output) continue
      words.set([trees.starts[tree]!, depthOf(trees, tree)], at / 4)
      at += TREE_BYTES
    }
    return { trees: begin, treeCount: (at - begin) / TREE_BYTES }
  })
  return {
    kernels: instantiateKernels(compiled, memory),
    nodes,
    outputs,
    block: new Float32Array(memory.buffer, block, BLOCK_ROWS * featureCount),
    scores: new Float64Array(memory.buffer, scores, BLOCK_ROWS),
  }
}

/** Threshold or value, feature word, left child, padding. A leaf is its own child: rows that arrive early wait there. */
function writeNodes(trees: Trees, words: Uint32Array, floats: Float32Array): void {
  for (let tree = 0; tree + 1 < trees.starts.length; tree++) {
    const root = trees.starts[tree]!
    for (let node = root; node < trees.starts[tree + 1]!; node++) {
      const feature = trees.feature[node]!
      const isLeaf = feature < 0
      floats[node * 4] = isLeaf ? trees.value[node]! : trees.threshold[node]!
      words[node * 4 + 1] = isLeaf ? LEAF : (feature * 4) | (trees.missingLeft[node] === 1 ? MISSING_LEFT : 0)
      words[node * 4 + 2] = isLeaf ? node : root + trees.left[node]!
    }
  }
}

/** Steps from the root to the deepest leaf. Children follow their parents, so one pass from the end suffices. */
function depthOf({ starts, feature, left }: Trees, tree: number): number {
  const root = starts[tree]!
  const height = new Uint16Array(starts[tree + 1]! - root)
  for (let node = height.length - 1; node >= 0; node--) {
    if (feature[root + node]! < 0) continue
    const child = left[root + node]!
    height[node] = 1 + Math.max(height[child]!, height[child + 1]!)
  }
  return height[0]!
}
