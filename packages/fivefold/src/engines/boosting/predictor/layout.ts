import type { Kernels } from '../kernels/kernels.ts'

/** Kernels over one form of the trees. Both add the trees of an output in order, in doubles. */
export interface PredictionKernels {
  /** Adds the trees of an output to the scores of the rows of a block. */
  addToRows(output: number, block: number, rowCount: number, scores: number): void
  /** Score of a block's first row. */
  scoreRow(output: number, block: number, base: number): number
}

/** A form of the trees: how many bytes it takes, and how it is written into a memory. */
export interface TreeLayout {
  readonly sizeBytes: number
  /** @param address a multiple of 16 */
  write(memory: WebAssembly.Memory, address: number, kernels: Kernels): PredictionKernels
}
