import type { Objective } from './objective.ts'
import { pointwiseLoss } from './pointwise-loss.ts'

/**
 * Loss of one row in the target's units, from its scores and target in the trainer's; undefined where the loss is not a
 * sum over rows, or not known.
 */
export function rowLoss(
  objective: Objective,
): ((scores: readonly Float32Array[], targets: Float32Array, row: number) => number) | undefined {
  const pointwise = pointwiseLoss(objective)
  if (pointwise !== undefined)
    return ([own], targets, row) => pointwise.loss(own![row]!, targets[row]!) * objective.lossScale
  switch (objective.name) {
    case 'squared':
      return ([own], targets, row) => (own![row]! - targets[row]!) ** 2 * objective.lossScale
    case 'logistic':
      return ([own], targets, row) => softplus(targets[row] === 1 ? -own![row]! : own![row]!)
    case 'softmax':
      return (scores, targets, row) => {
        const top = scores.reduce((best, own) => Math.max(best, own[row]!), Number.NEGATIVE_INFINITY)
        const total = scores.reduce((sum, own) => sum + Math.exp(own[row]! - top), 0)
        return Math.log(total) + top - scores[targets[row]!]![row]!
      }
    default:
      return undefined
  }
}

/** log(1 + exp(x)) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}
