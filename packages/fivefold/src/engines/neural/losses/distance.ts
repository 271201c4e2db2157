import { createOperations, type Operations, type TypedValue } from '../../../onnx/index.ts'
import type { Loss } from '../network/compile.ts'
import { named, shapedLike } from './targets.ts'
import { weightedMean } from './weighted-mean.ts'

export interface PairwiseContrastiveOptions<Output extends string, Target extends string> {
  /** Two outputs [N, features]. */
  readonly first: Output
  readonly second: Output
  /** 1 where the two belong together, 0 where not: [N]. */
  readonly target: Target
  /** How far apart rows must be that do not belong together. Default 1. */
  readonly margin?: number
}

/** y d^2 / 2 + (1 - y) max(0, margin - d)^2 / 2 with d the Euclidean distance (Hadsell et al. 2006). */
export function pairwiseContrastive<Output extends string, Target extends string>(
  options: PairwiseContrastiveOptions<Output, Target>,
): Loss<Output, Target> {
  const { margin = 1 } = options
  return (graph, outputs, targets, rowWeight) => {
    const operations = createOperations(graph)
    const { add, mul, oneMinus, neg, shift, scale, node } = operations
    const [first, second] = [options.first, options.second].map((name) => named(outputs, name, 'output'))
    const apart = distance(operations, first!, second!)
    const together = shapedLike(operations, named(targets, options.target, 'target'), apart)
    const tooNear = node('Relu', [shift(neg(apart), margin)])
    const losses = add(mul(together, mul(apart, apart)), mul(oneMinus(together), mul(tooNear, tooNear)))
    return weightedMean(graph, scale(losses, 0.5), rowWeight)
  }
}

export interface TripletOptions<Output extends string> {
  /** Three outputs [N, features]: the positive belongs to the anchor, the negative does not. */
  readonly anchor: Output
  readonly positive: Output
  readonly negative: Output
  /** How much farther the negative must be. Default 1. */
  readonly margin?: number
}

/** max(0, d(anchor, positive) - d(anchor, negative) + margin) with Euclidean distances (Schroff et al. 2015). */
export function triplet<Output extends string>(options: TripletOptions<Output>): Loss<Output, never> {
  const { margin = 1 } = options
  return (graph, outputs, _targets, rowWeight) => {
    const operations = createOperations(graph)
    const anchor = named(outputs, options.anchor, 'output')
    const [near, far] = [options.positive, options.negative].map((name) =>
      distance(operations, anchor, named(outputs, name, 'output')),
    )
    const excess = operations.shift(operations.sub(near!, far!), margin)
    return weightedMean(graph, operations.node('Relu', [excess]), rowWeight)
  }
}

/** ||a - b + 1e-6||, as PyTorch's pairwise_distance: the small shift keeps the slope finite where rows are equal. */
function distance({ sub, shift, mul, sum, node }: Operations, a: TypedValue, b: TypedValue): TypedValue {
  const difference = shift(sub(a, b), 1e-6)
  return node('Sqrt', [sum(mul(difference, difference), [1])])
}
