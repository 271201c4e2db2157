import { intAttribute, stringAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import { fixedShape, type TypedNode, type TypedValue } from '../../graph/typed-value.ts'
import type { GradientRule, Rewrite, RewriteCall, Rewritten } from '../gradient-rule.ts'
import { addOptional, type Cell } from '../recurrent/cell.ts'
import { activationNames, cellActivations } from '../recurrent/cell-activations.ts'
import {
  type DirectionGradient,
  type DirectionInputs,
  type DirectionRun,
  runDirection,
} from '../recurrent/direction.ts'
import { type Activate, generalGru, generalLstm, generalRnn } from '../recurrent/general-cells.ts'
import { gruCellResetAfter, gruCellResetBefore } from '../recurrent/gru-cell.ts'
import { lstmCell } from '../recurrent/lstm-cell.ts'
import { isRnnActivation, rnnCell } from '../recurrent/rnn-cell.ts'

export const lstm: Rewrite = (call) => {
  const { node, ops } = call
  const isCoupled = intAttribute(node.attributes, 'input_forget', 0) !== 0
  const peepholes = node.inputs[7]
  if (isPlain(node, ['Sigmoid', 'Tanh', 'Tanh']) && !isCoupled && peepholes === undefined) return unroll(lstmCell, call)
  return unrollParts((direction) => {
    const activations = cellActivations(node, ['Sigmoid', 'Tanh', 'Tanh'], direction, ops)
    const own = peepholes && ops.slice(peepholes, [{ axis: 0, start: direction, end: direction + 1 }])
    return generalLstm({
      activations: activations as [Activate, Activate, Activate],
      peepholes: own && ops.squeeze(own, [0]),
      isCoupled,
    })
  }, call)
}

export const gru: Rewrite = (call) => {
  const { node, ops } = call
  const isAfter = intAttribute(node.attributes, 'linear_before_reset', 0) !== 0
  if (isPlain(node, ['Sigmoid', 'Tanh'])) return unroll(() => (isAfter ? gruCellResetAfter : gruCellResetBefore), call)
  return unrollParts((direction) => {
    const [gate, activate] = cellActivations(node, ['Sigmoid', 'Tanh'], direction, ops)
    return generalGru(gate!, activate!, isAfter)
  }, call)
}

export const rnn: Rewrite = (call) => {
  const { node, ops } = call
  const [first] = activationNames(node, ['Tanh'], 0)
  if (isRnnActivation(first!) && isPlain(node, [first])) return unroll(() => rnnCell(first), call)
  return unrollParts((direction) => generalRnn(cellActivations(node, ['Tanh'], direction, ops)[0]!), call)
}

/** Whether every direction has these activations and nothing is clipped: such cells have a derivative of their own. */
function isPlain(node: TypedNode, activations: readonly string[]): boolean {
  const names = [0, 1].flatMap((direction) => activationNames(node, activations, direction))
  return node.attributes.clip === undefined && names.every((name, i) => name === activations[i % activations.length])
}

type CellOf = (direction: number) => Cell

/** The steps with the derivative of the whole written by hand. */
function unroll(cellOf: CellOf, call: RewriteCall): Rewritten {
  const layout = layoutOf(call.node)
  const runs = runDirections(cellOf, layout, call)
  return { outputs: outputsOf(call.node, runs, layout, call.ops), gradient: gradientOf(runs, layout) }
}

/** The steps, to be differentiated one by one. */
const unrollParts = (cellOf: CellOf, call: RewriteCall): Rewritten => ({ outputs: unroll(cellOf, call).outputs })

/** The sizes of a recurrent node; X is [steps, batch, inputs], or [batch, steps, inputs] with layout 1. */
interface Layout {
  readonly isBatchFirst: boolean
  readonly steps: number
  readonly batch: number
  readonly inputs: number
  readonly hidden: number
  readonly directions: number
}

function layoutOf(node: TypedNode): Layout {
  const isBatchFirst = intAttribute(node.attributes, 'layout', 0) !== 0
  const [first, second, inputs] = fixedShape(node.inputs[0]!) as [number, number, number]
  const [directions, , hidden] = fixedShape(node.inputs[2]!) as [number, number, number]
  return {
    isBatchFirst,
    steps: isBatchFirst ? second : first,
    batch: isBatchFirst ? first : second,
    inputs,
    hidden,
    directions,
  }
}

function runDirections(cellOf: CellOf, layout: Layout, { node, ops }: RewriteCall): DirectionRun[] {
  const { steps, batch, inputs, hidden, directions } = layout
  const [x, w, r, b, lengths, hidden0, memory0] = node.inputs
  const isInside = lengths && stepsInside(lengths, layout, ops)
  const timeFirst = ops.reshape(layout.isBatchFirst ? ops.swapAxes(x!, 0, 1) : x!, [steps * batch, inputs])
  const direction = stringAttribute(node.attributes, 'direction', 'forward')
  return Array.from({ length: directions }, (_, d) => {
    const cell = cellOf(d)
    const rows = cell.gates * hidden
    const of = (value: TypedValue, axis: number): TypedValue => ops.slice(value, [{ axis, start: d, end: d + 1 }])
    const state = (value: TypedValue | undefined): TypedValue | undefined =>
      value && ops.reshape(of(value, layout.isBatchFirst ? 1 : 0), [batch, hidden])
    const bias = (start: number): TypedValue | undefined =>
      b && ops.reshape(ops.slice(of(b, 0), [{ axis: 1, start, end: start + rows }]), [rows])
    const directionInputs: DirectionInputs = {
      x: timeFirst,
      steps,
      batch,
      hidden,
      isReverse: direction === 'reverse' || d === 1,
      weights: ops.reshape(of(w!, 0), [rows, inputs]),
      recurrent: ops.reshape(of(r!, 0), [rows, hidden]),
      inputBias: bias(0),
      recurrentBias: bias(rows),
      initial: { hidden: state(hidden0), memory: state(memory0) },
      isInside,
    }
    return runDirection(cell, directionInputs, ops)
  })
}

/** For each step which examples have it. */
const stepsInside = (lengths: TypedValue, { steps, batch }: Layout, ops: Operations): TypedValue[] =>
  Array.from({ length: steps }, (_, step) => {
    const time = ops.graph.constant({ type: 'int32', shape: [], data: Int32Array.of(step) })
    return ops.node('Less', [time, ops.reshape(lengths, [batch, 1])])
  })

function outputsOf(
  node: TypedNode,
  runs: readonly DirectionRun[],
  { isBatchFirst, steps, batch, hidden }: Layout,
  ops: Operations,
): (TypedValue | undefined)[] {
  const ofDirection = (run: DirectionRun): TypedValue =>
    ops.reshape(ops.concat(run.hidden, 0), [steps, 1, batch, hidden])
  const all = (): TypedValue => {
    const timeFirst = ops.concat(runs.map(ofDirection), 1)
    return isBatchFirst ? ops.transpose(timeFirst, [2, 0, 1, 3]) : timeFirst
  }
  const last = (state: (run: DirectionRun) => TypedValue): TypedValue => {
    const axis = isBatchFirst ? 1 : 0
    return ops.concat(
      runs.map((run) => ops.unsqueeze(state(run), [axis])),
      axis,
    )
  }
  return [
    node.outputs[0] && all(),
    node.outputs[1] && last((run) => run.last.hidden!),
    node.outputs[2] && last((run) => run.last.memory!),
  ]
}

const gradientOf =
  (runs: readonly DirectionRun[], layout: Layout): GradientRule =>
  ({ node, outputGradients: [dAll, dHidden, dMemory], needs, ops }) => {
    const { isBatchFirst, batch, hidden, inputs, steps } = layout
    const stepGradients = (d: number): (TypedValue | undefined)[] => {
      if (dAll === undefined) return []
      const timeFirst = isBatchFirst ? ops.transpose(dAll, [1, 2, 0, 3]) : dAll
      const ours = ops.slice(timeFirst, [{ axis: 1, start: d, end: d + 1 }])
      const rows = ops.reshape(ours, [steps * batch, hidden])
      if (steps === 1) return [rows]
      const sizes = ops.ints(Array<number>(steps).fill(batch))
      return [...ops.graph.nodeWithOutputs('Split', steps, [rows, sizes], { axis: { int: 0 } })]
    }
    const stateAxis = isBatchFirst ? 1 : 0
    const state = (value: TypedValue | undefined, d: number): TypedValue | undefined =>
      value && ops.reshape(ops.slice(value, [{ axis: stateAxis, start: d, end: d + 1 }]), [batch, hidden])
    const backs = runs.map((run, d) =>
      run.back({ hidden: stepGradients(d), last: { hidden: state(dHidden, d), memory: state(dMemory, d) } }),
    )
    const stacked = (pick: (back: DirectionGradient) => TypedValue, axis = 0): TypedValue =>
      ops.concat(
        backs.map((back) => ops.unsqueeze(pick(back), [axis])),
        axis,
      )
    const initial = (pick: (back: DirectionGradient) => TypedValue | undefined): TypedValue =>
      stacked((back) => pick(back) ?? ops.zeros([batch, hidden], node.inputs[0]!.type), stateAxis)
    const inputGradient = (): TypedValue => {
      const rows = backs.map((back) => back.x()).reduce((sum, part) => addOptional(sum, part, ops)!)
      const timeFirst = ops.reshape(rows, [steps, batch, inputs])
      return isBatchFirst ? ops.swapAxes(timeFirst, 0, 1) : timeFirst
    }
    return [
      needs(0) ? inputGradient() : undefined,
      needs(1) ? stacked((back) => back.weights()) : undefined,
      needs(2) ? stacked((back) => back.recurrent()) : undefined,
      needs(3) ? stacked((back) => ops.concat([back.inputBias(), back.recurrentBias()], 0)) : undefined,
      undefined,
      needs(5) ? initial((back) => back.initial.hidden) : undefined,
      needs(6) ? initial((back) => back.initial.memory) : undefined,
    ]
  }
