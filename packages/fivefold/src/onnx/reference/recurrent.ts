import { type Attributes, floatAttribute, intAttribute, stringAttribute } from '../graph/attribute.ts'
import type { TensorLiteral } from '../tensor.ts'
import { fromNumbers, numbersOf } from './element-values.ts'
import { inputAt, intsAt, type Kernel, type KernelCall } from './kernel.ts'
import { transposed } from './movement.ts'
import { type Activation, activationsOf } from './recurrent-activations.ts'

type Vector = readonly number[]

/** Hidden state, and for LSTM the cell state behind it. */
type State = readonly Vector[]

/** What one direction of one layer computes with. */
interface Direction {
  /** W x_t for every gate. */
  fromInput(x: Vector): readonly Vector[]
  /** R h for one gate. */
  fromState(gate: number, h: Vector): Vector
  /** Biases of one gate, of the input and of the state. */
  readonly inputBias: readonly Vector[]
  readonly stateBias: readonly Vector[]
  readonly peepholes: readonly Vector[]
  readonly activations: readonly Activation[]
  readonly attributes: Attributes
}

interface CellKind {
  readonly gates: number
  readonly states: number
  /** Names of the activations of one direction where the node gives none. */
  readonly activations: readonly string[]
  step(direction: Direction, x: Vector, state: State): State
}

const zip = (of: (...values: number[]) => number, ...vectors: readonly Vector[]): number[] =>
  vectors[0]!.map((_, i) => of(...vectors.map((vector) => vector[i]!)))

const add = (...vectors: readonly Vector[]): number[] => zip((...values) => values.reduce((a, b) => a + b), ...vectors)
const times = (a: Vector, b: Vector): number[] => zip((x, y) => x! * y!, a, b)

const RNN: CellKind = {
  gates: 1,
  states: 1,
  activations: ['Tanh'],
  step(d, x, [h]) {
    return [add(d.fromInput(x)[0]!, d.fromState(0, h!), d.inputBias[0]!, d.stateBias[0]!).map(d.activations[0]!)]
  },
}

/** Gates: update, reset, hidden. linear_before_reset multiplies by the reset gate behind the matrix, as PyTorch does. */
const GRU: CellKind = {
  gates: 3,
  states: 1,
  activations: ['Sigmoid', 'Tanh'],
  step(d, x, [h]) {
    const [f, g] = d.activations as [Activation, Activation]
    const input = d.fromInput(x).map((gate, i) => add(gate, d.inputBias[i]!))
    const update = add(input[0]!, d.fromState(0, h!), d.stateBias[0]!).map(f)
    const reset = add(input[1]!, d.fromState(1, h!), d.stateBias[1]!).map(f)
    const recurrent =
      intAttribute(d.attributes, 'linear_before_reset', 0) === 1
        ? times(reset, add(d.fromState(2, h!), d.stateBias[2]!))
        : add(d.fromState(2, times(reset, h!)), d.stateBias[2]!)
    const hidden = add(input[2]!, recurrent).map(g)
    return [zip((z, fresh, old) => (1 - z!) * fresh! + z! * old!, update, hidden, h!)]
  },
}

/** Gates: input, output, forget, cell. Peepholes: input, output, forget. Hochreiter and Schmidhuber, 1997; Gers, 2000. */
const LSTM: CellKind = {
  gates: 4,
  states: 2,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  step(d, x, [h, c]) {
    const [f, g, squash] = d.activations as [Activation, Activation, Activation]
    const sums = d.fromInput(x).map((gate, i) => add(gate, d.fromState(i, h!), d.inputBias[i]!, d.stateBias[i]!))
    const peek = (i: number, cell: Vector): Vector => times(d.peepholes[i]!, cell)
    const input = add(sums[0]!, peek(0, c!)).map(f)
    const isCoupled = intAttribute(d.attributes, 'input_forget', 0) === 1
    const forget = isCoupled ? input.map((gate) => 1 - gate) : add(sums[2]!, peek(2, c!)).map(f)
    const cell = add(times(forget, c!), times(input, sums[3]!.map(g)))
    const output = add(sums[1]!, peek(1, cell)).map(f)
    return [times(output, cell.map(squash)), cell]
  },
}

export const rnn: Kernel = (call) => recurrent(call, RNN)
export const gru: Kernel = (call) => recurrent(call, GRU)
export const lstm: Kernel = (call) => recurrent(call, LSTM)

/** X [time, batch, input] through every direction; layout=1 has the batch first. Outputs Y, Y_h and for LSTM Y_c. */
function recurrent(call: KernelCall, kind: CellKind): TensorLiteral[] {
  const isBatchFirst = intAttribute(call.attributes, 'layout', 0) === 1
  const raw = inputAt(call, 0)
  const x = isBatchFirst ? transposed(raw, [1, 0, 2]) : raw
  const [time, batch] = x.shape as [number, number]
  const [directions, , hidden] = inputAt(call, 2).shape as [number, number, number]
  const lengths = intsAt(call, 4) ?? Array<number>(batch).fill(time)
  const y = new Float64Array(time * directions * batch * hidden)
  const last = Array.from({ length: kind.states }, () => new Float64Array(directions * batch * hidden))
  for (let d = 0; d < directions; d++) {
    const direction = directionOf(call, kind, d)
    for (let b = 0; b < batch; b++) {
      let state = initialState(call, kind, (isBatchFirst ? b * directions + d : d * batch + b) * hidden, hidden)
      for (const t of timeOrder(call, d, lengths[b]!)) {
        state = kind.step(direction, rowOf(x, t * batch + b), state)
        y.set(state[0]!, ((t * directions + d) * batch + b) * hidden)
      }
      for (const [s, vector] of state.entries()) last[s]!.set(vector, (d * batch + b) * hidden)
    }
  }
  const outputs = [
    fromNumbers(x.type, [time, directions, batch, hidden], y),
    ...last.map((vectors) => fromNumbers(x.type, [directions, batch, hidden], vectors)),
  ]
  if (!isBatchFirst) return outputs
  return outputs.map((output) => transposed(output, output.shape.length === 4 ? [2, 0, 1, 3] : [1, 0, 2]))
}

function rowOf(x: TensorLiteral, row: number): number[] {
  const size = x.shape.at(-1)!
  const values = numbersOf(x)
  return Array.from({ length: size }, (_, i) => values[row * size + i]!)
}

/** The second direction, and the only one of a reverse node, reads each sequence from its own end. */
function timeOrder(call: KernelCall, direction: number, length: number): number[] {
  const isReverse = direction === 1 || stringAttribute(call.attributes, 'direction', 'forward') === 'reverse'
  const order = Array.from({ length }, (_, t) => t)
  return isReverse ? order.reverse() : order
}

function initialState(call: KernelCall, kind: CellKind, offset: number, hidden: number): State {
  return Array.from({ length: kind.states }, (_, s) => {
    const given = call.inputs[5 + s]
    const values = given && numbersOf(given)
    return Array.from({ length: hidden }, (_, i) => values?.[offset + i] ?? 0)
  })
}

function directionOf(call: KernelCall, kind: CellKind, d: number): Direction {
  const [w, r, b, p] = [inputAt(call, 1), inputAt(call, 2), call.inputs[3], call.inputs[7]]
  const hidden = r.shape[2]!
  const gateRows = kind.gates * hidden
  const [weights, recurrences] = [numbersOf(w), numbersOf(r)]
  const inputSize = w.shape[2]!
  const gates = Array.from({ length: kind.gates }, (_, gate) => gate)
  const biasAt = (gate: number): Vector => slice(b, (2 * d * kind.gates + gate) * hidden, hidden)
  return {
    fromInput: (x) => gates.map((gate) => timesVector(weights, (d * gateRows + gate * hidden) * inputSize, hidden, x)),
    fromState: (gate, h) => timesVector(recurrences, (d * gateRows + gate * hidden) * hidden, hidden, h),
    inputBias: gates.map(biasAt),
    stateBias: gates.map((gate) => biasAt(kind.gates + gate)),
    peepholes: [0, 1, 2].map((gate) => slice(p, (3 * d + gate) * hidden, hidden)),
    activations: activationsOf(call.attributes, kind.activations, d).map(clipped(call.attributes)),
    attributes: call.attributes,
  }
}

/** A part of an optional input; zeros where it is absent. */
function slice(tensor: TensorLiteral | undefined, start: number, length: number): number[] {
  const values = tensor && numbersOf(tensor)
  return Array.from({ length }, (_, i) => values?.[start + i] ?? 0)
}

/** Rows of a matrix that begins at `start`, times a vector. */
function timesVector(matrix: ArrayLike<number>, start: number, rows: number, x: Vector): number[] {
  return Array.from({ length: rows }, (_, row) =>
    x.reduce((total, value, column) => total + matrix[start + row * x.length + column]! * value, 0),
  )
}

/** `clip` bounds what goes into each activation. */
const clipped =
  (attributes: Attributes) =>
  (of: Activation): Activation => {
    const bound = floatAttribute(attributes, 'clip', Number.POSITIVE_INFINITY)
    return (x) => of(Math.max(-bound, Math.min(bound, x)))
  }
