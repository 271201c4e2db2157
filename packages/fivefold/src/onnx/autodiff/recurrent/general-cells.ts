import type { Operations } from '../../graph/operations.ts'
import type { TypedValue } from '../../graph/typed-value.ts'
import { addRecurrent, type Cell, type CellWeights, split } from './cell.ts'

export type Activate = (x: TypedValue) => TypedValue

/** Cells with any activations, clipping and peepholes. They have no derivative of their own: their nodes are differentiated. */

export const generalRnn = (activate: Activate): Cell => ({
  gates: 1,
  blocks: [1],
  sharesBias: true,
  step: ([projected], state, { recurrent }, ops) => ({
    state: { hidden: activate(addRecurrent(projected!, state.hidden, recurrent, ops)) },
  }),
})

/** Gers & Schmidhuber 2000: gates that see the cell state, [3 * hidden] for input, output and forget. */
export interface LstmVariant {
  readonly activations: readonly [gate: Activate, candidate: Activate, output: Activate]
  readonly peepholes: TypedValue | undefined
  /** The forget gate is what the input gate leaves. */
  readonly isCoupled: boolean
}

export const generalLstm = ({ activations, peepholes, isCoupled }: LstmVariant): Cell => ({
  gates: 4,
  blocks: [4],
  sharesBias: true,
  step([projected], state, weights, ops) {
    const [gate, activateCandidate, squash] = activations
    const memoryBefore = state.memory ?? zerosOf(weights, projected!, ops)
    const sums = split(
      addRecurrent(projected!, state.hidden, weights.recurrent, ops),
      Array<number>(4).fill(weights.hidden),
      1,
      ops,
    ) as [TypedValue, TypedValue, TypedValue, TypedValue]
    const peek = (index: number, sum: TypedValue, memory: TypedValue): TypedValue => {
      if (peepholes === undefined) return sum
      const range = { axis: 0, start: index * weights.hidden, end: (index + 1) * weights.hidden }
      return ops.add(sum, ops.mul(ops.slice(peepholes, [range]), memory))
    }
    const input = gate(peek(0, sums[0], memoryBefore))
    const forget = isCoupled ? ops.oneMinus(input) : gate(peek(2, sums[2], memoryBefore))
    const memory = ops.add(ops.mul(forget, memoryBefore), ops.mul(input, activateCandidate(sums[3])))
    const output = gate(peek(1, sums[1], memory))
    return { state: { hidden: ops.mul(output, squash(memory)), memory } }
  },
})

export const generalGru = (gate: Activate, activate: Activate, isResetAfter: boolean): Cell => ({
  gates: 3,
  blocks: [2, 1],
  sharesBias: !isResetAfter,
  step([gateInput, freshInput], state, weights, ops) {
    const { recurrentBlocks, recurrentBias, hidden } = weights
    const before = state.hidden ?? zerosOf(weights, gateInput!, ops)
    const [gateWeights, freshWeights] = recurrentBlocks
    const [gateBias, freshBias] =
      isResetAfter && recurrentBias ? split(recurrentBias, [2 * hidden, hidden], 0, ops) : []
    const biased = (value: TypedValue, bias: TypedValue | undefined): TypedValue =>
      bias ? ops.add(value, bias) : value
    const gates = gate(biased(addRecurrent(gateInput!, before, gateWeights!, ops), gateBias))
    const [update, reset] = split(gates, [hidden, hidden], 1, ops)
    const recalled = isResetAfter
      ? ops.add(freshInput!, ops.mul(reset!, biased(ops.gemm(before, freshWeights!, { transB: true }), freshBias)))
      : addRecurrent(freshInput!, ops.mul(reset!, before), freshWeights!, ops)
    const fresh = activate(recalled)
    return { state: { hidden: ops.add(fresh, ops.mul(update!, ops.sub(before, fresh))) } }
  },
})

const zerosOf = ({ batch, hidden }: CellWeights, like: TypedValue, ops: Operations): TypedValue =>
  ops.zeros([batch, hidden], like.type)
