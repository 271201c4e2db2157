import type { Operations } from '../../graph/operations.ts'
import type { TypedValue } from '../../graph/typed-value.ts'

/** What a cell hands from step to step: [batch, hidden] each. Undefined stands for zeros, and for no gradient. */
export interface CellState {
  readonly hidden: TypedValue | undefined
  /** The cell state of an LSTM. */
  readonly memory?: TypedValue | undefined
}

/** The recurrent weights of one direction. */
export interface CellWeights {
  /** [gates * hidden, hidden] */
  readonly recurrent: TypedValue
  /** The same by the cell's blocks. */
  readonly recurrentBlocks: readonly TypedValue[]
  /** [gates * hidden], where the cell keeps it apart from the input's bias. */
  readonly recurrentBias: TypedValue | undefined
  readonly batch: number
  readonly hidden: number
}

/** One step forward, and how to go back through it; cells without a way back are differentiated node by node. */
export interface CellStep {
  readonly state: CellState
  readonly back?: (gradient: CellState) => StepGradient
}

export interface StepGradient {
  /** What flows back into the input's projection, [batch, gates * hidden]. */
  readonly projected: TypedValue
  /** Pairs whose products, summed over the steps, are the gradients of the recurrent weights: rows of them from `first`. */
  readonly recurrent: readonly RecurrentProduct[]
  readonly state: CellState
}

export interface RecurrentProduct {
  /** [batch, rows] */
  readonly gradient: TypedValue
  /** [batch, hidden]; undefined where it was zeros. */
  readonly source: TypedValue | undefined
}

/** The steps of one direction, in the order in which they are taken. */
export interface Cell {
  readonly gates: number
  /** How many gates share a product. Those with one activation do, since the runtime then fuses the two. */
  readonly blocks: readonly number[]
  /** Whether the recurrent bias can be added to the input's once for all steps. */
  readonly sharesBias: boolean
  /** @param projected the input's part for this step, [batch, gates * hidden] for each block */
  step(projected: readonly TypedValue[], state: CellState, weights: CellWeights, ops: Operations): CellStep
}

export const split = (
  value: TypedValue,
  sizes: readonly number[],
  axis: number,
  ops: Operations,
): readonly TypedValue[] =>
  sizes.length === 1
    ? [value]
    : ops.graph.nodeWithOutputs('Split', sizes.length, [value, ops.ints(sizes)], { axis: { int: axis } })

/** projected + hidden R^T in one product. */
export const addRecurrent = (
  projected: TypedValue,
  hidden: TypedValue | undefined,
  recurrent: TypedValue,
  ops: Operations,
): TypedValue =>
  hidden === undefined ? projected : ops.node('Gemm', [hidden, recurrent, projected], { transB: { int: 1 } })

export const addOptional = (
  a: TypedValue | undefined,
  b: TypedValue | undefined,
  ops: Operations,
): TypedValue | undefined => (a === undefined ? b : b === undefined ? a : ops.add(a, b))
