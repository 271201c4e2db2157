import { intAttribute, stringAttribute } from '../graph/attribute.ts'
import { elementCount, type TensorLiteral } from '../tensor.ts'
import { fromNumbers, numbersOf } from './element-values.ts'
import { inputAt, invalid, type Kernel, type KernelCall } from './kernel.ts'
import { mapGroups, sum } from './reductions.ts'
import { logSoftmaxOf } from './softmax.ts'

/** loss(scores [N, C, ...], labels [N, ...], weights [C]?); also the logarithms of the probabilities. */
export const softmaxCrossEntropyLoss: Kernel = (call) => {
  const scores = inputAt(call, 0)
  const exact = fromNumbers('double', scores.shape, numbersOf(scores))
  const logProbabilities = mapGroups(exact, [1], logSoftmaxOf)
  const loss = negativeLogLikelihood(call, logProbabilities, scores.type)
  return [loss, fromNumbers(scores.type, scores.shape, numbersOf(logProbabilities))]
}

export const negativeLogLikelihoodLoss: Kernel = (call) => {
  const x = inputAt(call, 0)
  return [negativeLogLikelihood(call, x, x.type)]
}

/** The mean is weighted: the sum of weighted losses over the sum of weights, ignored labels left out of both. */
function negativeLogLikelihood(call: KernelCall, x: TensorLiteral, type: TensorLiteral['type']): TensorLiteral {
  const labels = inputAt(call, 1)
  const weights = call.inputs[2] && numbersOf(call.inputs[2])
  const ignored = intAttribute(call.attributes, 'ignore_index', undefined)
  const values = numbersOf(x)
  const classes = x.shape[1]!
  const size = elementCount(x.shape.slice(2))
  const weightOf = (label: number): number => {
    if (label === ignored) return 0
    if (label < 0 || label >= classes) throw invalid(`label ${label} is not among ${classes} classes`)
    return weights?.[label] ?? 1
  }
  const targets = Array.from(numbersOf(labels))
  const losses = targets.map((label, i) => {
    const weight = weightOf(label)
    const at = (Math.floor(i / size) * classes + label) * size + (i % size)
    return label === ignored ? 0 : -weight * values[at]!
  })
  const reduction = stringAttribute(call.attributes, 'reduction', 'mean')
  if (reduction === 'none') return fromNumbers(type, labels.shape, losses)
  return fromNumbers(type, [], [sum(losses) / (reduction === 'mean' ? sum(targets.map(weightOf)) : 1)])
}
