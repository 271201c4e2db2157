import { createOperations } from '../../../onnx/index.ts'
import type { Loss } from '../network/compile.ts'
import { named, shapedLike } from './targets.ts'
import { meanOfRows } from './weighted-mean.ts'

export interface BinaryCrossEntropyOptions<Output extends string, Target extends string> {
  /** The network's output with scores before the sigmoid: [N, ...]. */
  readonly output: Output
  /** Probabilities or labels 0 and 1, as many as scores. */
  readonly target: Target
  /** How much more a positive counts than a negative. Default 1. */
  readonly positiveWeight?: number
}

/** -(p y log s(x) + (1 - y) log(1 - s(x))), written as (1 - y) x + (1 + (p - 1) y) softplus(-x), which cannot overflow. */
export function binaryCrossEntropy<Output extends string, Target extends string>(
  options: BinaryCrossEntropyOptions<Output, Target>,
): Loss<Output, Target> {
  const { positiveWeight = 1 } = options
  return (graph, outputs, targets, rowWeight) => {
    const operations = createOperations(graph)
    const { add, mul, neg, scale, shift, oneMinus, node } = operations
    const scores = named(outputs, options.output, 'output')
    const target = shapedLike(operations, named(targets, options.target, 'target'), scores)
    const softplus = node('Softplus', [neg(scores)])
    const weighted = positiveWeight === 1 ? softplus : mul(shift(scale(target, positiveWeight - 1), 1), softplus)
    return meanOfRows(graph, add(mul(oneMinus(target), scores), weighted), rowWeight)
  }
}
