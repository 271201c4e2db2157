import { intAttribute, stringAttribute } from '../../graph/attribute.ts'
import { type NodeSignature, required, type ValueType } from '../../graph/typed-value.ts'
import type { Dimension } from '../../tensor.ts'
import { mayEqual, productOf, shapeText } from '../dimensions.ts'
import { invalid } from '../graph-errors.ts'
import { checkOneType, requiredRank } from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'

/** RNN, GRU, LSTM of `gates` gates: X [steps, batch, inputs], W [directions, gates hidden, inputs], R [.., .., hidden]. */
const recurrent =
  (gates: number, states: number): ShapeRule =>
  (node) => {
    checkOneType(node, [0, 1, 2, 3, 5, 6, 7])
    const { type, shape } = requiredRank(node, 0, 3)
    const isBatchFirst = intAttribute(node.attributes, 'layout', 0) === 1
    const [steps, batch] = isBatchFirst ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!]
    const directions = stringAttribute(node.attributes, 'direction', 'forward') === 'bidirectional' ? 2 : 1
    const hidden = hiddenSize(node)
    checkWeights(node, 1, [directions, productOf([gates, hidden]), shape[2]!])
    checkWeights(node, 2, [directions, productOf([gates, hidden]), hidden])
    const all = isBatchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden]
    const last = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
    return [{ type, shape: all }, ...Array.from({ length: states }, (): ValueType => ({ type, shape: last }))]
  }

export const rnn = recurrent(1, 1)
export const gru = recurrent(3, 1)
export const lstm = recurrent(4, 2)

const hiddenSize = (node: NodeSignature): Dimension =>
  intAttribute(node.attributes, 'hidden_size', undefined) ?? requiredRank(node, 2, 3).shape[2]!

function checkWeights(node: NodeSignature, index: number, wanted: readonly Dimension[]): void {
  const { shape } = required(node, index)
  if (shape.length === wanted.length && wanted.every((size, axis) => mayEqual(size, shape[axis]!))) return
  throw invalid(`${node.op} needs an input ${index} of ${shapeText(wanted)}, got ${shapeText(shape)}`)
}
