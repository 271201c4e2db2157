import type { RowsLayout } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import { rowChunks } from './gradients.ts'

/**
 * Turns scores into predictions and returns their mean weighted loss in the target's units: log loss, or squared error.
 * Partial sums run over fixed chunks and are added in order, so that the number of threads does not show.
 */
export function updatePredictions(
  workspace: Workspace,
  team: ThreadTeam,
  rows: RowsLayout,
  totalWeight: number,
): number {
  const { objective } = workspace.job
  const { scores, targets, weights, predictions, outputBytes } = rows
  const chunks = rowChunks(rows.rowCount)
  const sums = ((): Float64Array => {
    switch (objective.name) {
      case 'logistic':
        return team.run(
          'logisticLink',
          chunks.map(([begin, end]) => [scores, targets, weights, begin, end, predictions]),
          rows.rowCount,
        )
      case 'softmax':
        return team.run(
          'softmaxLink',
          chunks.map(([begin, end]) => [
            ...([scores, outputBytes, objective.outputCount] as const),
            ...([targets, weights, begin, end, predictions] as const),
          ]),
          rows.rowCount * objective.outputCount,
        )
      default:
        return team.run(
          'squaredLoss',
          chunks.map(([begin, end]) => [scores, targets, weights, begin, end]),
          rows.rowCount,
        )
    }
  })()
  return (sums.reduce((total, sum) => total + sum, 0) / totalWeight) * objective.lossScale
}
