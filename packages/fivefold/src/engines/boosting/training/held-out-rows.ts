import { FivefoldError } from '../../../core/index.ts'
import { floatsAt, type Workspace } from '../kernels/workspace.ts'
import { meanNdcg, measureRows, type ScoredRows } from '../loss/early-stopping-metric.ts'
import { toTargetUnits } from '../loss/objective.ts'
import { rowLoss } from '../loss/row-loss.ts'

/** Measures of the training rows of one fold, which its model does not learn from. */
export interface HeldOutRows {
  /** Mean weighted loss in the target's units; for ranking 1 - NDCG. */
  loss(): number
  /** The metric that early stopping follows, where that is not the loss. */
  metric(): number | undefined
}

export function heldOutRows(workspace: Workspace, fold: number): HeldOutRows {
  const { job } = workspace
  const { ofRow } = job.folds!
  const rows = Uint32Array.from(ofRow.keys()).filter((row) => ofRow[row] === fold)
  const { objective, params } = job
  const pick = (values: Float32Array): Float32Array => Float32Array.from(rows, (row) => values[row]!)
  const weights = job.train.weights === undefined ? undefined : pick(job.train.weights)
  const targets = pick(job.train.targets)
  const queryStarts = job.train.queryStarts === undefined ? undefined : startsWithin(job.train.queryStarts, ofRow, fold)
  const scores = (): Float32Array[] => {
    const { scores: address, outputBytes } = workspace.layout.train
    return Array.from({ length: objective.outputCount }, (_, output) =>
      pick(floatsAt(workspace, address + output * outputBytes, job.train.rowCount)),
    )
  }
  const toTarget = (values: Float32Array): Float64Array => toTargetUnits(objective, values)
  return {
    loss: () => {
      const own = scores()
      const lossOf = rowLoss(objective)
      if (lossOf === undefined)
        return 1 - meanNdcg({ targets, scores: own, queryStarts: queryStarts! }, params.rankingTruncation)
      let [sum, total] = [0, 0]
      for (let i = 0; i < rows.length; i++) {
        const weight = weights === undefined ? 1 : weights[i]!
        sum += weight * lossOf(own, targets, i)
        total += weight
      }
      if (total === 0) throw new FivefoldError('TRAIN_INPUT', `boosting: the rows of fold ${fold} have no weight`)
      return sum / total
    },
    metric: () => {
      if (params.metric === 'loss') return undefined
      const scored: ScoredRows = { targets: toTarget(targets), scores: scores().map(toTarget), queryStarts }
      return measureRows(params.metric, objective, scored, params.ndcgAt)
    },
  }
}

/** Where the queries of a fold begin among its rows; queries lie in one fold whole. */
function startsWithin(starts: Uint32Array, ofRow: Uint8Array, fold: number): Uint32Array {
  const within = [0]
  for (let query = 0; query + 1 < starts.length; query++)
    if (ofRow[starts[query]!] === fold) within.push(within.at(-1)! + starts[query + 1]! - starts[query]!)
  return Uint32Array.from(within)
}
