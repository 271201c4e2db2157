import type { Operations } from '../../graph/operations.ts'
import type { TypedValue } from '../../graph/typed-value.ts'
import { addRecurrent, type Cell, type CellStep } from './cell.ts'

type Activation = 'Tanh' | 'Relu' | 'Sigmoid'

/** Slope of each activation given its value. */
const SLOPES: Readonly<Record<Activation, (y: TypedValue, ops: Operations) => TypedValue>> = {
  Tanh: (y, ops) => ops.oneMinus(ops.mul(y, y)),
  Relu: (y, ops) => ops.step(y),
  Sigmoid: (y, ops) => ops.mul(y, ops.oneMinus(y)),
}

export const isRnnActivation = (name: string): name is Activation => Object.hasOwn(SLOPES, name)

/** Elman 1990: activation(projected + hidden R^T). */
export const rnnCell = (activation: Activation): Cell => ({
  gates: 1,
  blocks: [1],
  sharesBias: true,
  step([projected], state, { recurrent }, ops): CellStep {
    const hidden = ops.node(activation, [addRecurrent(projected!, state.hidden, recurrent, ops)])
    return {
      state: { hidden },
      back({ hidden: dHidden }) {
        const gradient = ops.mul(dHidden!, SLOPES[activation](hidden, ops))
        return {
          projected: gradient,
          recurrent: [{ gradient, source: state.hidden }],
          state: { hidden: state.hidden && ops.gemm(gradient, recurrent) },
        }
      },
    }
  },
})
