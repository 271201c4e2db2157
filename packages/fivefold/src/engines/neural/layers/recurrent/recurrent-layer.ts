import type { Operations, TypedValue } from '../../../../onnx/index.ts'
import type { RecurrentCell } from './recurrent-cell.ts'

/** Parameters of one direction of one layer, laid out as PyTorch's: gates below each other. */
export interface CellWeights {
  /** [gates * units, in] */
  readonly input: TypedValue
  /** [gates * units, units] */
  readonly hidden: TypedValue
  readonly inputBias: TypedValue
  readonly hiddenBias: TypedValue
}

/** What one layer works on, time first: [steps, N, features]. */
export interface LayerInput {
  readonly x: TypedValue
  readonly directions: readonly CellWeights[]
  readonly lengths: TypedValue | undefined
}

/** What a layer gives: [steps, N, directions * units] and [N, directions * units]. */
export interface LayerOutput {
  readonly sequence: TypedValue
  readonly last: TypedValue
}

/** One layer as the operator of its kind; its weights are the parameters with their gates in another order. */
export function recurrentLayer(operations: Operations, cell: RecurrentCell, input: LayerInput): LayerOutput {
  const { x, directions, lengths } = input
  const units = Number(directions[0]!.hidden.shape[1])
  const ordered = gateOrder(operations, cell, units)
  const stacked = (pick: (weights: CellWeights) => TypedValue): TypedValue => operations.concat(directions.map(pick), 0)
  const inputs = [
    x,
    stacked(({ input }) => ordered(input)),
    stacked(({ hidden }) => ordered(hidden)),
    stacked(({ inputBias, hiddenBias }) => operations.concat([ordered(inputBias), ordered(hiddenBias)], 1)),
    ...(lengths ? [operations.cast(lengths, 'int32')] : []),
  ]
  const [sequence, last] = operations.graph.nodeWithOutputs(cell.operator, 2, inputs, {
    ...cell.attributes,
    hidden_size: { int: units },
    direction: { string: directions.length === 2 ? 'bidirectional' : 'forward' },
  })
  return besideEachOther(operations, sequence!, last!, units)
}

/** [gates * units, ...] to [1, gates * units, ...] in the operator's order. Whole gates move, which is cheap to take back. */
function gateOrder(
  operations: Operations,
  { gates }: RecurrentCell,
  units: number,
): (weight: TypedValue) => TypedValue {
  const sizes = operations.ints(gates.map(() => units))
  return (weight) => {
    const parts = operations.graph.nodeWithOutputs('Split', gates.length, [weight, sizes], { axis: { int: 0 } })
    const ordered = gates.map((gate) => parts[gate]!)
    return operations.unsqueeze(operations.concat(ordered, 0), [0])
  }
}

/** [steps, directions, N, units] and [directions, N, units] with the directions side by side in the last axis. */
function besideEachOther(operations: Operations, sequence: TypedValue, last: TypedValue, units: number): LayerOutput {
  if (last.shape[0] === 1) return { sequence: operations.squeeze(sequence, [1]), last: operations.squeeze(last, [0]) }
  const steps = sequence.shape[0]
  // A size of 0 in a reshape takes over the input's.
  const shape = [typeof steps === 'number' ? steps : 0, -1, 2 * units]
  return {
    sequence: operations.reshape(operations.transpose(sequence, [0, 2, 1, 3]), shape),
    last: operations.reshape(operations.transpose(last, [1, 0, 2]), [-1, 2 * units]),
  }
}
