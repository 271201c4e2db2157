import { addOptional, addRecurrent, type Cell, split } from './cell.ts'

/**
 * Hochreiter & Schmidhuber 1997, gates in the order input, output, forget, candidate: the three that are sigmoids lie side by
 * side, so that one node computes them.
 */
export const lstmCell: Cell = {
  gates: 4,
  sharesBias: true,
  step(projected, state, { recurrent, hidden, batch }, ops) {
    const sum = addRecurrent(projected, state.hidden, recurrent, ops)
    const [gateSums, candidateSum] = split(sum, [3 * hidden, hidden], 1, ops)
    const gates = ops.node('Sigmoid', [gateSums])
    const candidate = ops.node('Tanh', [candidateSum])
    const [input, output, forget] = split(gates, [hidden, hidden, hidden], 1, ops)
    const fresh = ops.mul(input!, candidate)
    const kept = state.memory && ops.mul(forget!, state.memory)
    const memory = kept ? ops.add(kept, fresh) : fresh
    const shown = ops.node('Tanh', [memory])
    const after = ops.mul(output!, shown)
    return {
      state: { hidden: after, memory },
      // Products of the forward pass serve again: output (1 - shown^2) = output - after shown, candidate input (1 - input) =
      // fresh (1 - input) and so on, which saves a fifth of the nodes.
      back({ hidden: dHidden, memory: dMemoryAfter }) {
        const zeros = () => ops.zeros([batch, hidden], projected.type)
        const dShown = dHidden && ops.mul(dHidden, ops.sub(output!, ops.mul(after, shown)))
        const dMemory = addOptional(dMemoryAfter, dShown, ops) ?? zeros()
        const dGates = ops.concat(
          [
            ops.mul(dMemory, fresh),
            dHidden ? ops.mul(dHidden, after) : zeros(),
            kept ? ops.mul(dMemory, kept) : zeros(),
          ],
          1,
        )
        const dCandidate = ops.mul(dMemory, ops.sub(input!, ops.mul(fresh, candidate)))
        const dSum = ops.concat([ops.mul(dGates, ops.oneMinus(gates)), dCandidate], 1)
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
