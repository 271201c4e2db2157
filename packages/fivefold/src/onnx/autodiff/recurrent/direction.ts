import type { Operations } from '../../graph/operations.ts'
import type { TypedValue } from '../../graph/typed-value.ts'
import {
  addOptional,
  type Cell,
  type CellState,
  type CellStep,
  type CellWeights,
  type RecurrentProduct,
  split,
} from './cell.ts'

/** The inputs of one direction. */
export interface DirectionInputs {
  /** [steps * batch, inputs], the steps one below the other. */
  readonly x: TypedValue
  readonly steps: number
  readonly batch: number
  readonly hidden: number
  readonly isReverse: boolean
  /** [gates * hidden, inputs] */
  readonly weights: TypedValue
  /** [gates * hidden, hidden] */
  readonly recurrent: TypedValue
  readonly inputBias: TypedValue | undefined
  readonly recurrentBias: TypedValue | undefined
  readonly initial: CellState
  /** For each step whether an example has it, [batch, 1] truth values; undefined where all examples have all steps. */
  readonly isInside: readonly TypedValue[] | undefined
}

export interface DirectionRun {
  /** Hidden state after each step, in order of time: [batch, hidden]. */
  readonly hidden: readonly TypedValue[]
  readonly last: CellState
  back(gradient: DirectionOutputs): DirectionGradient
}

export interface DirectionOutputs {
  /** For each step in order of time. */
  readonly hidden: readonly (TypedValue | undefined)[]
  readonly last: CellState
}

export interface DirectionGradient {
  readonly x: () => TypedValue
  readonly weights: () => TypedValue
  readonly recurrent: () => TypedValue
  readonly inputBias: () => TypedValue
  readonly recurrentBias: () => TypedValue
  readonly initial: CellState
}

/**
 * One direction, step by step. The input's part of all steps is one product before them, and the gradients of the weights are
 * one product each behind them, which leaves two small products a step.
 */
export function runDirection(cell: Cell, inputs: DirectionInputs, ops: Operations): DirectionRun {
  const { steps, batch, hidden, isReverse, recurrent, recurrentBias, isInside } = inputs
  const blockRows = cell.blocks.map((gates) => gates * hidden)
  const recurrentBlocks = split(recurrent, blockRows, 0, ops)
  const weights: CellWeights = { recurrent, recurrentBlocks, recurrentBias, batch, hidden }
  const parts = projectInput(cell, inputs, blockRows, ops)
  const times = Array.from({ length: steps }, (_, time) => time)
  const order = isReverse ? times.toReversed() : times
  const taken: CellStep[] = []
  let state = inputs.initial
  for (const time of order) {
    const projected = parts.map((block) => block[time]!)
    const step = cell.step(projected, state, weights, ops)
    taken[time] = isInside ? withinLength(step, state, isInside[time]!, weights, ops) : step
    state = taken[time].state
  }
  return {
    hidden: taken.map(({ state: { hidden: shown } }, time) =>
      isInside ? ops.where(isInside[time]!, shown!, ops.scalar(0, shown!)) : shown!,
    ),
    last: state,
    back: (gradient) => goBack(cell, inputs, taken, order, gradient, ops),
  }
}

/** For each block the input's part of each step. */
function projectInput(
  cell: Cell,
  { x, weights, inputBias, recurrentBias, steps, batch }: DirectionInputs,
  blockRows: readonly number[],
  ops: Operations,
): (readonly TypedValue[])[] {
  const bias = cell.sharesBias ? addOptional(inputBias, recurrentBias, ops) : inputBias
  const biasBlocks = bias && split(bias, blockRows, 0, ops)
  return split(weights, blockRows, 0, ops).map((block, i) => {
    const inputs = biasBlocks ? [x, block, biasBlocks[i]!] : [x, block]
    const projected = ops.node('Gemm', inputs, { transB: { int: 1 } })
    return split(projected, Array<number>(steps).fill(batch), 0, ops)
  })
}

/** Behind the end of an example its state stays as it is. */
function withinLength(
  step: CellStep,
  before: CellState,
  isInside: TypedValue,
  { batch, hidden }: CellWeights,
  ops: Operations,
): CellStep {
  const type = step.state.hidden!.type
  const zeros = ops.zeros([batch, hidden], type)
  const choose = (after: TypedValue | undefined, old: TypedValue | undefined): TypedValue | undefined =>
    after && ops.where(isInside, after, old ?? zeros)
  const inside = (gradient: TypedValue | undefined): TypedValue | undefined =>
    gradient && ops.where(isInside, gradient, zeros)
  const outside = (gradient: TypedValue | undefined): TypedValue | undefined =>
    gradient && ops.where(isInside, zeros, gradient)
  return {
    state: { hidden: choose(step.state.hidden, before.hidden), memory: choose(step.state.memory, before.memory) },
    back(gradient) {
      const back = step.back!({ hidden: inside(gradient.hidden), memory: inside(gradient.memory) })
      return {
        ...back,
        state: {
          hidden: before.hidden && addOptional(back.state.hidden, outside(gradient.hidden), ops),
          memory: before.memory && addOptional(back.state.memory, outside(gradient.memory), ops),
        },
      }
    },
  }
}

function goBack(
  cell: Cell,
  { x, weights, hidden, batch, initial, isInside }: DirectionInputs,
  taken: readonly CellStep[],
  order: readonly number[],
  gradient: DirectionOutputs,
  ops: Operations,
): DirectionGradient {
  const projectedParts: TypedValue[] = []
  const products: RecurrentProduct[][] = []
  let carried = gradient.last
  for (const time of order.toReversed()) {
    const shown = gradient.hidden[time]
    const visible = shown && isInside ? ops.where(isInside[time]!, shown, ops.scalar(0, shown)) : shown
    const dHidden = addOptional(visible, carried.hidden, ops)
    if (dHidden === undefined && carried.memory === undefined) {
      projectedParts[time] = ops.zeros([batch, cell.gates * hidden], x.type)
      continue
    }
    const back = taken[time]!.back!({ hidden: dHidden, memory: carried.memory })
    projectedParts[time] = back.projected
    products[time] = [...back.recurrent]
    carried = back.state
  }
  const projected = ops.concat(projectedParts, 0)
  const recurrent = recurrentGradients(
    products.filter((product) => product !== undefined),
    batch,
    ops,
  )
  return {
    x: () => ops.gemm(projected, weights),
    weights: () => ops.gemm(projected, x, { transA: true }),
    recurrent: () => recurrent.weights(hidden),
    inputBias: () => ops.sum(projected, [0]),
    recurrentBias: () => (cell.sharesBias ? ops.sum(projected, [0]) : recurrent.bias()),
    initial: { hidden: initial.hidden && carried.hidden, memory: initial.memory && carried.memory },
  }
}

/** Sums over the steps of gradient^T source, as one product over all steps for each block of rows. */
function recurrentGradients(products: readonly (readonly RecurrentProduct[])[], batch: number, ops: Operations) {
  const blocks = products[0]?.map((_, block) => products.map((ofStep) => ofStep[block]!)) ?? []
  const stack = (values: readonly TypedValue[]): TypedValue => ops.concat(values, 0)
  return {
    weights(hidden: number): TypedValue {
      const { type } = products[0]![0]!.gradient
      const parts = blocks.map((block) => {
        if (block.every(({ source }) => source === undefined))
          return ops.zeros([Number(block[0]!.gradient.shape[1]), hidden], type)
        // A step without a source takes part with zeros, so that the stack is the one that the input's gradients are made of.
        const sources = block.map(({ source }) => source ?? ops.zeros([batch, hidden], type))
        return ops.gemm(stack(block.map(({ gradient }) => gradient)), stack(sources), { transA: true })
      })
      return ops.concat(parts, 0)
    },
    bias: (): TypedValue =>
      ops.concat(
        blocks.map((block) => ops.sum(stack(block.map(({ gradient }) => gradient)), [0])),
        0,
      ),
  }
}
