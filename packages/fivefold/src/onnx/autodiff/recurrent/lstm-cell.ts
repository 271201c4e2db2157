import type { Operations } from '../../graph/operations.ts'
import type { TypedValue } from '../../graph/typed-value.ts'
import { addOptional, addRecurrent, type Cell, type CellWeights, split } from './cell.ts'

/** What a step leaves for the way back, [batch, hidden] each, the gates side by side. */
interface Traces {
  /** Input, output, forget. */
  readonly gates: TypedValue
  readonly candidate: TypedValue
  /** tanh of the memory. */
  readonly shown: TypedValue
  readonly memoryBefore: TypedValue
}

/** What gradients of one step are multiplied with; it does not depend on gradients. */
interface Slopes {
  /** Of the memory by the hidden state, [batch, hidden]. */
  readonly memory: TypedValue
  /** Of the sums of all gates, [batch, 4 * hidden]. */
  readonly sums: TypedValue
}

/**
 * Hochreiter & Schmidhuber 1997, gates in the order input, output, forget, candidate: the three that are sigmoids lie side by
 * side, so that one node computes them. What the way back needs of the way forward is computed for all steps at once, which
 * leaves six nodes for each step that wait for each other.
 */
export function lstmCell(): Cell {
  const traces: Traces[] = []
  let slopes: readonly Slopes[] | undefined
  return {
    gates: 4,
    blocks: [3, 1],
    sharesBias: true,
    step([gateInput, candidateInput], state, weights, ops) {
      const { recurrent, recurrentBlocks, hidden, batch } = weights
      const zeros = (): TypedValue => ops.zeros([batch, hidden], gateInput!.type)
      const gates = ops.node('Sigmoid', [addRecurrent(gateInput!, state.hidden, recurrentBlocks[0]!, ops)])
      const candidate = ops.node('Tanh', [addRecurrent(candidateInput!, state.hidden, recurrentBlocks[1]!, ops)])
      const [input, output, forget] = split(gates, [hidden, hidden, hidden], 1, ops)
      const memory = addOptional(state.memory && ops.mul(forget!, state.memory), ops.mul(input!, candidate), ops)!
      const shown = ops.node('Tanh', [memory])
      const place = traces.length
      traces.push({ gates, candidate, shown, memoryBefore: state.memory ?? zeros() })
      return {
        state: { hidden: ops.mul(output!, shown), memory },
        back({ hidden: dHidden, memory: dMemoryAfter }) {
          slopes ??= slopesOf(traces, weights, ops)
          const slope = slopes[place]!
          const dMemory = addOptional(dMemoryAfter, dHidden && ops.mul(dHidden, slope.memory), ops) ?? zeros()
          const byGate = ops.concat([dMemory, dHidden ?? zeros(), dMemory, dMemory], 1)
          const dSum = ops.mul(byGate, slope.sums)
          return {
            projected: dSum,
            recurrent: [{ gradient: dSum, source: state.hidden }],
            state: {
              hidden: state.hidden && ops.gemm(dSum, recurrent),
              memory: state.memory && ops.mul(dMemory, forget!),
            },
          }
        },
      }
    },
  }
}

/** The slopes of all steps, of which each is a part of one large value. */
function slopesOf(traces: readonly Traces[], { hidden, batch }: CellWeights, ops: Operations): readonly Slopes[] {
  const stack = (pick: (trace: Traces) => TypedValue): TypedValue => ops.concat(traces.map(pick), 0)
  const [input, output, forget] = split(
    stack(({ gates }) => gates),
    [hidden, hidden, hidden],
    1,
    ops,
  )
  const candidate = stack((trace) => trace.candidate)
  const shown = stack((trace) => trace.shown)
  const ofSigmoid = (y: TypedValue): TypedValue => ops.mul(y, ops.oneMinus(y))
  const ofTanh = (y: TypedValue): TypedValue => ops.oneMinus(ops.mul(y, y))
  const sums = [
    ops.mul(ofSigmoid(input!), candidate),
    ops.mul(ofSigmoid(output!), shown),
    ops.mul(
      ofSigmoid(forget!),
      stack((trace) => trace.memoryBefore),
    ),
    ops.mul(ofTanh(candidate), input!),
  ]
  const bySteps = (value: TypedValue) => split(value, Array<number>(traces.length).fill(batch), 0, ops)
  const memoryParts = bySteps(ops.mul(output!, ofTanh(shown)))
  return bySteps(ops.concat(sums, 1)).map((part, i) => ({ sums: part, memory: memoryParts[i]! }))
}
