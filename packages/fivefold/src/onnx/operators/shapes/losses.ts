import { stringAttribute } from '../../graph/attribute.ts'
import { type NodeSignature, required, type ValueType } from '../../graph/typed-value.ts'
import { mayEqual, shapeText } from '../dimensions.ts'
import { invalid } from '../graph-errors.ts'
import { checkType, requiredRankFrom } from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'

/** NegativeLogLikelihoodLoss: log-probabilities [N, C, ...], labels [N, ...], weights [C]. */
export const negativeLogLikelihood: ShapeRule = (node) => [lossOf(node)]

/** SoftmaxCrossEntropyLoss: also the log-probabilities. */
export const softmaxCrossEntropy: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  return [lossOf(node), { type, shape }]
}

function lossOf(node: NodeSignature): ValueType {
  const { type, shape } = requiredRankFrom(node, 0, 2)
  checkType(node, 1, 'int64', 'int32')
  const labels = required(node, 1).shape
  const wanted = shape.toSpliced(1, 1)
  if (labels.length !== wanted.length || wanted.some((size, axis) => !mayEqual(size, labels[axis]!)))
    throw invalid(`${node.op} needs labels ${shapeText(wanted)}, got ${shapeText(labels)}`)
  const weights = node.inputs[2]?.shape
  if (weights && (weights.length !== 1 || !mayEqual(weights[0]!, shape[1]!)))
    throw invalid(`${node.op} needs weights [${shape[1]}], got ${shapeText(weights)}`)
  return { type, shape: stringAttribute(node.attributes, 'reduction', 'mean') === 'none' ? labels : [] }
}
