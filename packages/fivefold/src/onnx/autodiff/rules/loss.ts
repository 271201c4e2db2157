import { intAttribute, stringAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import type { TypedNode, TypedValue } from '../../graph/typed-value.ts'
import { int64s } from '../../tensor.ts'
import type { GradientRule, Rewrite } from '../gradient-rule.ts'

/** Terms of the loss: one for each label, [batch, 1, ...space]. */
interface LabelTerms {
  /** Labels as indices, 0 where they are ignored. */
  readonly labels: TypedValue
  /** What each term is multiplied with: its class weight, 0 where it is ignored. Undefined stands for 1. */
  readonly weights: TypedValue | undefined
}

function labelTerms(node: TypedNode, logProbabilities: TypedValue, ops: Operations): LabelTerms {
  const [, target, classWeights] = node.inputs
  const labels = ops.unsqueeze(ops.cast(target!, 'int64'), [1])
  const ignored = node.attributes.ignore_index
  if (ignored === undefined)
    return { labels, weights: classWeights && ops.node('Gather', [classWeights, labels], { axis: { int: 0 } }) }
  const index = ops.graph.constant(int64s([intAttribute(node.attributes, 'ignore_index', 0)], []))
  const isIgnored = ops.equal(labels, index)
  const inside = ops.where(isIgnored, ops.graph.constant(int64s([0], [])), labels)
  const weights = classWeights
    ? ops.node('Gather', [classWeights, inside], { axis: { int: 0 } })
    : ops.scalar(1, logProbabilities)
  return { labels: inside, weights: ops.where(isIgnored, ops.scalar(0, logProbabilities), weights) }
}

interface Reduced {
  readonly loss: TypedValue
  /** Gradient of each term -log p in the shape [batch, 1, ...space], given that of the loss. */
  spread(dy: TypedValue): TypedValue
}

/** Weighted terms -w log p reduced to what the operator returns. */
function reduceTerms(node: TypedNode, picked: TypedValue, { labels, weights }: LabelTerms, ops: Operations): Reduced {
  const all = [...picked.shape.keys()]
  const terms = ops.neg(weights ? ops.mul(picked, weights) : picked)
  const weighted = (factor: TypedValue): TypedValue => (weights ? ops.mul(factor, weights) : factor)
  const mode = stringAttribute(node.attributes, 'reduction', 'mean')
  if (mode === 'none') return { loss: ops.squeeze(terms, [1]), spread: (dy) => weighted(ops.unsqueeze(dy, [1])) }
  if (mode === 'sum') return { loss: ops.sum(terms, all), spread: (dy) => ops.expandLike(weighted(dy), labels) }
  if (weights === undefined) {
    const one = ops.expandLike(ops.scalar(1, picked), picked)
    const count = ops.sum(one, all)
    return { loss: ops.mean(terms, all), spread: (dy) => ops.expandLike(ops.div(dy, count), labels) }
  }
  const total = ops.sum(weights, all)
  return { loss: ops.div(ops.sum(terms, all), total), spread: (dy) => weighted(ops.div(dy, total)) }
}

/**
 * Cross entropy of softmax(scores) with labels. dscores = (softmax - one at the label) times the weight of the term: one pass
 * over the scores and a scatter of one value a label, which a product with one-hot vectors would not beat at any size.
 */
export const softmaxCrossEntropy: Rewrite = ({ node, ops }) => {
  const logProbabilities = ops.node('LogSoftmax', [node.inputs[0]], { axis: { int: 1 } })
  const terms = labelTerms(node, logProbabilities, ops)
  const picked = ops.node('GatherElements', [logProbabilities, terms.labels], { axis: { int: 1 } })
  const { loss, spread } = reduceTerms(node, picked, terms, ops)
  const gradient: GradientRule = ({ outputGradients: [dy, dLog], needs }) => {
    if (!needs(0)) return []
    const probabilities = ops.node('Exp', [logProbabilities])
    const ofLog = dLog && ops.sub(dLog, ops.mul(probabilities, ops.sum(dLog, [1], true)))
    if (dy === undefined) return [ofLog]
    const share = spread(dy)
    const scatter = [ops.mul(probabilities, share), terms.labels, ops.neg(share)]
    const ofLoss = ops.node('ScatterElements', scatter, { axis: { int: 1 }, reduction: { string: 'add' } })
    return [ofLog ? ops.add(ofLoss, ofLog) : ofLoss]
  }
  return { outputs: [loss, logProbabilities], gradient }
}

export const negativeLogLikelihood: Rewrite = ({ node, ops }) => {
  const logProbabilities = node.inputs[0]!
  const terms = labelTerms(node, logProbabilities, ops)
  const picked = ops.node('GatherElements', [logProbabilities, terms.labels], { axis: { int: 1 } })
  const { loss, spread } = reduceTerms(node, picked, terms, ops)
  const gradient: GradientRule = ({ outputGradients: [dy], needs }) => {
    if (!needs(0)) return []
    const scatter = [ops.zerosLike(logProbabilities), terms.labels, ops.neg(spread(dy!))]
    return [ops.node('ScatterElements', scatter, { axis: { int: 1 } })]
  }
  return { outputs: [loss], gradient }
}
