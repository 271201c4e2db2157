import type { TypedValue } from '../../graph/typed-value.ts'
import { addOptional, addRecurrent, type Cell, type CellStep, split } from './cell.ts'

/** Cho et al. 2014 with the reset gate behind the recurrent product, as cuDNN and PyTorch have it. Gates: update, reset, new. */
export const gruCellResetAfter: Cell = {
  gates: 3,
  blocks: [2, 1],
  sharesBias: false,
  step([gateInput, newInput], state, { recurrent, recurrentBias, batch, hidden }, ops): CellStep {
    const before = state.hidden ?? ops.zeros([batch, hidden], gateInput!.type)
    const product = ops.node('Gemm', [before, recurrent, recurrentBias], { transB: { int: 1 } })
    const [gateProduct, newProduct] = split(product, [2 * hidden, hidden], 1, ops)
    const gates = ops.node('Sigmoid', [ops.add(gateInput!, gateProduct!)])
    const [update, reset] = split(gates, [hidden, hidden], 1, ops)
    const fresh = ops.node('Tanh', [ops.add(newInput!, ops.mul(reset!, newProduct!))])
    const difference = ops.sub(before, fresh)
    return {
      state: { hidden: ops.add(fresh, ops.mul(update!, difference)) },
      back({ hidden: dHidden }) {
        const kept = ops.mul(dHidden!, update!)
        const dFresh = ops.mul(ops.sub(dHidden!, kept), ops.oneMinus(ops.mul(fresh, fresh)))
        const dGates = ops.concat([ops.mul(dHidden!, difference), ops.mul(dFresh, newProduct!)], 1)
        const dGateSums = ops.mul(dGates, ops.mul(gates, ops.oneMinus(gates)))
        const gradient = ops.concat([dGateSums, ops.mul(dFresh, reset!)], 1)
        return {
          projected: ops.concat([dGateSums, dFresh], 1),
          recurrent: [{ gradient, source: before }],
          state: { hidden: state.hidden && ops.add(kept, ops.gemm(gradient, recurrent)) },
        }
      },
    }
  },
}

/** Cho et al. 2014 as first published: the reset gate before the recurrent product. */
export const gruCellResetBefore: Cell = {
  gates: 3,
  blocks: [2, 1],
  sharesBias: true,
  step([gateInput, newInput], state, { recurrentBlocks, hidden }, ops): CellStep {
    const [gateWeights, newWeights] = recurrentBlocks
    const gates = ops.node('Sigmoid', [addRecurrent(gateInput!, state.hidden, gateWeights!, ops)])
    const [update, reset] = split(gates, [hidden, hidden], 1, ops)
    const recalled = state.hidden && ops.mul(reset!, state.hidden)
    const fresh = ops.node('Tanh', [addRecurrent(newInput!, recalled, newWeights!, ops)])
    const difference = state.hidden ? ops.sub(state.hidden, fresh) : ops.neg(fresh)
    return {
      state: { hidden: ops.add(fresh, ops.mul(update!, difference)) },
      back({ hidden: dHidden }) {
        const kept = ops.mul(dHidden!, update!)
        const dFresh = ops.mul(ops.sub(dHidden!, kept), ops.oneMinus(ops.mul(fresh, fresh)))
        const dRecalled = state.hidden && ops.gemm(dFresh, newWeights!)
        const dReset = dRecalled ? ops.mul(dRecalled, state.hidden!) : ops.scale(dFresh, 0)
        const dGates = ops.concat([ops.mul(dHidden!, difference), dReset], 1)
        const dGateSums = ops.mul(dGates, ops.mul(gates, ops.oneMinus(gates)))
        const back = (): TypedValue => addOptional(ops.mul(dRecalled!, reset!), ops.gemm(dGateSums, gateWeights!), ops)!
        return {
          projected: ops.concat([dGateSums, dFresh], 1),
          recurrent: [
            { gradient: dGateSums, source: state.hidden },
            { gradient: dFresh, source: recalled },
          ],
          state: { hidden: state.hidden && ops.add(kept, back()) },
        }
      },
    }
  },
}
