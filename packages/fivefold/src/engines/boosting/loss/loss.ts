import { type RowsLayout, TRAIN_ROWS, VALIDATION_ROWS } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import { queryChunks, rowChunks } from './gradients.ts'

/**
 * Turns scores into predictions and returns their mean weighted loss in the target's units; for ranking the mean of
 * 1 - NDCG over queries. Undefined for an objective of the caller's, whose loss is not known.
 * Partial sums run over fixed chunks and are added in order, so that the number of threads does not show.
 */
export function updatePredictions(
  workspace: Workspace,
  team: ThreadTeam,
  rows: RowsLayout,
  totalWeight: number,
): number | undefined {
  const { objective } = workspace.job
  if (objective.name === 'custom') return undefined
  const sums = partialLosses(workspace, team, rows)
  const weight = objective.name === 'lambdarank' ? queryCount(workspace, rows) : totalWeight
  return (sums.reduce((total, sum) => total + sum, 0) / weight) * objective.lossScale
}

function partialLosses(workspace: Workspace, team: ThreadTeam, rows: RowsLayout): Float64Array {
  const { objective } = workspace.job
  const { scores, targets, weights, predictions, outputBytes, rowCount } = rows
  const chunks = rowChunks(rowCount)
  switch (objective.name) {
    case 'logistic':
      return team.run(
        'logisticLink',
        chunks.map(([begin, end]) => [scores, targets, weights, begin, end, predictions]),
        rowCount,
      )
    case 'softmax':
      return team.run(
        'softmaxLink',
        chunks.map(([begin, end]) => [
          ...([scores, outputBytes, objective.outputCount] as const),
          ...([targets, weights, begin, end, predictions] as const),
        ]),
        rowCount * objective.outputCount,
      )
    case 'squared':
      return team.run(
        'squaredLoss',
        chunks.map(([begin, end]) => [scores, targets, weights, begin, end]),
        rowCount,
      )
    case 'lambdarank': {
      const which = whichRows(workspace, rows)
      const calls = queryChunks(queryStarts(workspace, rows)).map(([begin, end]) => [which, begin, end] as const)
      return team.run('rankingLosses', calls, rowCount * 16)
    }
    default: {
      const which = whichRows(workspace, rows)
      return team.run(
        'pointwiseLosses',
        chunks.map(([begin, end]) => [which, begin, end]),
        rowCount * 8,
      )
    }
  }
}

function whichRows({ layout }: Workspace, rows: RowsLayout): number {
  return rows === layout.train ? TRAIN_ROWS : VALIDATION_ROWS
}

function queryStarts(workspace: Workspace, rows: RowsLayout): Uint32Array {
  const { train, validation } = workspace.job
  return (rows === workspace.layout.train ? train : validation!).queryStarts!
}

function queryCount(workspace: Workspace, rows: RowsLayout): number {
  return queryStarts(workspace, rows).length - 1
}
