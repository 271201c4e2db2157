import { FivefoldError } from '../../../core/index.ts'
import { allocateMemory, compileKernels, instantiateKernels, MAX_MEMORY_BYTES } from '../kernels/kernels.ts'
import type { BoostingModel } from '../model/model.ts'
import type { Trees } from '../model/trees.ts'
import { planCategoryPointers } from './category-layout.ts'
import { BLOCK_ROWS, type Block, COLUMN_BYTES, type Column } from './columns.ts'
import { planHeaps } from './heap-layout.ts'
import type { PredictionKernels } from './layout.ts'
import { planPointers } from './pointer-layout.ts'
import { questionsOf } from './questions.ts'
import { depthsOf, treesOfOutputs } from './tree-shape.ts'

const FIRST_ADDRESS = 1024

/** A model's trees in the form and memory that the prediction kernels read. */
export interface Scorer extends PredictionKernels {
  readonly columns: readonly Column[]
  readonly block: Block
  readonly scores: Float64Array
}

let compiled: WebAssembly.Module | undefined
/** Made at a model's first prediction, gone with the model. */
const scorers = new WeakMap<Trees, Scorer>()

/** @throws MODEL_INPUT for a model beyond the 4 GiB of a WebAssembly memory */
export function scorerOf({ trees, baseScores }: BoostingModel): Scorer {
  const known = scorers.get(trees)
  if (known !== undefined) return known
  const scorer = createScorer(trees, baseScores.length)
  scorers.set(trees, scorer)
  return scorer
}

function createScorer(trees: Trees, outputCount: number): Scorer {
  const { columns, questions } = questionsOf(trees)
  const depths = depthsOf(trees)
  const outputTrees = treesOfOutputs(trees, outputCount)
  const plans = trees.categorySet.some((set) => set >= 0) ? [planCategoryPointers] : [planHeaps, planPointers]
  const layout = plans.map((plan) => plan(trees, questions, depths, outputTrees)).find((plan) => plan !== undefined)!
  const scores = FIRST_ADDRESS
  const block = scores + BLOCK_ROWS * 8
  // Single leaves ask a column too, whatever it holds.
  const columnCount = Math.max(1, columns.length)
  const nodes = block + columnCount * COLUMN_BYTES
  const sizeBytes = nodes + layout.sizeBytes
  if (sizeBytes > MAX_MEMORY_BYTES)
    throw new FivefoldError('MODEL_INPUT', `the model takes ${sizeBytes} bytes to predict, more than 4 GiB`)
  const memory = allocateMemory(sizeBytes)
  compiled ??= compileKernels()
  return {
    ...layout.write(memory, nodes, instantiateKernels(compiled, memory)),
    columns,
    block: {
      floats: new Float32Array(memory.buffer, block, columnCount * BLOCK_ROWS),
      words: new Uint32Array(memory.buffer, block, columnCount * BLOCK_ROWS),
    },
    scores: new Float64Array(memory.buffer, scores, BLOCK_ROWS),
  }
}
