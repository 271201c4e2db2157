import { FivefoldError } from '../../../core/index.ts'
import { allocateMemory, compileKernels, instantiateKernels, MAX_MEMORY_BYTES } from '../kernels/kernels.ts'
import type { BoostingModel } from '../model/model.ts'
import type { Trees } from '../model/trees.ts'
import { planHeaps } from './heap-layout.ts'
import type { PredictionKernels } from './layout.ts'
import { planPointers } from './pointer-layout.ts'
import { COLUMN_BYTES, type Columns, questionsOf } from './questions.ts'
import { depthsOf, treesOfOutputs } from './tree-shape.ts'

/** Rows that are scored together: their features stay in the first-level cache while the trees pass. */
export const BLOCK_ROWS = COLUMN_BYTES / 4
const FIRST_ADDRESS = 1024

/** A model's trees in the form and memory that the prediction kernels read. */
export interface Scorer extends PredictionKernels {
  readonly columns: Columns
  /** [columns x BLOCK_ROWS] */
  readonly block: Float32Array
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
  const layout = planHeaps(trees, questions, depths, outputTrees) ?? planPointers(trees, questions, depths, outputTrees)
  const scores = FIRST_ADDRESS
  const block = scores + BLOCK_ROWS * 8
  // Single leaves ask a column too, whatever it holds.
  const columnCount = Math.max(1, columns.features.length)
  const nodes = block + columnCount * COLUMN_BYTES
  const sizeBytes = nodes + layout.sizeBytes
  if (sizeBytes > MAX_MEMORY_BYTES)
    throw new FivefoldError('MODEL_INPUT', `the model takes ${sizeBytes} bytes to predict, more than 4 GiB`)
  const memory = allocateMemory(sizeBytes)
  compiled ??= compileKernels()
  return {
    ...layout.write(memory, nodes, instantiateKernels(compiled, memory)),
    columns,
    block: new Float32Array(memory.buffer, block, columnCount * BLOCK_ROWS),
    scores: new Float64Array(memory.buffer, scores, BLOCK_ROWS),
  }
}
