import { createOperations } from '../../../onnx/index.ts'
import type { Loss } from '../network/compile.ts'

/** One part of a sum. */
export interface LossTerm<Outputs extends string, Targets extends string> {
  readonly loss: Loss<Outputs, Targets>
  /** Default 1. */
  readonly weight?: number
}

/** The weighted sum of several losses, for networks with several outputs or goals. */
export function sumOfLosses<Outputs extends string, Targets extends string>(
  ...terms: readonly [LossTerm<Outputs, Targets>, ...LossTerm<Outputs, Targets>[]]
): Loss<Outputs, Targets> {
  return (graph, outputs, targets, rowWeight) => {
    const operations = createOperations(graph)
    return terms
      .map(({ loss, weight = 1 }) => operations.scale(loss(graph, outputs, targets, rowWeight), weight))
      .reduce((sum, term) => operations.add(sum, term))
  }
}
