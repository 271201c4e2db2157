import { type RowsLayout, TRAIN_ROWS } from '../kernels/memory-layout.ts'
import { floatsAt, type Workspace } from '../kernels/workspace.ts'
import { createRanking } from './lambdarank.ts'
import { pointwiseLoss } from './pointwise-loss.ts'
import { quantileOf } from './quantile-of.ts'

/** Losses that are computed in TypeScript, by ranges of rows or queries, on any thread. */
export interface LossTasks {
  /** Writes weighted gradients and hessians of training rows. */
  pointwiseGradients(begin: number, end: number): void
  /** Sum of weighted losses of rows. */
  pointwiseLosses(which: number, begin: number, end: number): number
  /** Writes gradients and hessians of the rows of training queries. */
  rankingGradients(beginQuery: number, endQuery: number): void
  /** Sum over queries of 1 - NDCG. */
  rankingLosses(which: number, beginQuery: number, endQuery: number): number
  /** Quantile `share` of the residuals of the rows of `count` records from the address `records` on. */
  residualQuantile(records: number, count: number, share: number): number
}

export function createLossTasks(workspace: Workspace): LossTasks {
  const { job, layout } = workspace
  const loss = pointwiseLoss(job.objective)
  const ranking = createRanking()
  const side = (which: number) => {
    const isTraining = which === TRAIN_ROWS
    return viewsOf(workspace, isTraining ? layout.train : layout.validation!, isTraining ? job.train : job.validation!)
  }
  const gradients = (): Float32Array => floatsAt(workspace, layout.gradients, job.train.rowCount)
  const hessians = (): Float32Array => floatsAt(workspace, layout.hessians, job.train.rowCount)
  return {
    pointwiseGradients: (begin, end) => {
      const { scores, targets, weights } = side(TRAIN_ROWS)
      const [g, h] = [gradients(), hessians()]
      const { gradient, hessian } = loss!
      for (let row = begin; row < end; row++) {
        const weight = weights === undefined ? 1 : weights[row]!
        g[row] = gradient(scores[row]!, targets[row]!) * weight
        h[row] = hessian(scores[row]!, targets[row]!) * weight
      }
    },
    pointwiseLosses: (which, begin, end) => {
      const { scores, targets, weights } = side(which)
      let sum = 0
      for (let row = begin; row < end; row++)
        sum += loss!.loss(scores[row]!, targets[row]!) * (weights === undefined ? 1 : weights[row]!)
      return sum
    },
    rankingGradients: (beginQuery, endQuery) => {
      const { scores, targets, weights, starts } = side(TRAIN_ROWS)
      const [g, h] = [gradients(), hessians()]
      g.fill(0, starts[beginQuery], starts[endQuery])
      h.fill(0, starts[beginQuery], starts[endQuery])
      for (let q = beginQuery; q < endQuery; q++)
        ranking.addLambdas(
          { begin: starts[q]!, end: starts[q + 1]! },
          scores,
          targets,
          job.params.rankingTruncation,
          g,
          h,
        )
      if (weights === undefined) return
      for (let row = starts[beginQuery]!; row < starts[endQuery]!; row++) {
        g[row]! *= weights[row]!
        h[row]! *= weights[row]!
      }
    },
    rankingLosses: (which, beginQuery, endQuery) => {
      const { scores, targets, starts } = side(which)
      let sum = 0
      for (let q = beginQuery; q < endQuery; q++)
        sum +=
          1 - ranking.ndcg({ begin: starts[q]!, end: starts[q + 1]! }, scores, targets, job.params.rankingTruncation)
      return sum
    },
    residualQuantile: (records, count, share) => {
      const { scores, targets, weights } = side(TRAIN_ROWS)
      const rows = Uint32Array.from({ length: count }, (_, i) => workspace.uint32[records / 4 + 2 * i]!)
      const residuals = Float64Array.from(rows, (row) => targets[row]! - scores[row]!)
      return quantileOf(
        residuals,
        weights === undefined ? undefined : Float64Array.from(rows, (row) => weights[row]!),
        share,
      )
    },
  }
}

function viewsOf(
  workspace: Workspace,
  layout: RowsLayout,
  rows: Workspace['job']['train'],
): {
  scores: Float32Array
  targets: Float32Array
  weights: Float32Array | undefined
  starts: Uint32Array
} {
  return {
    scores: floatsAt(workspace, layout.scores, rows.rowCount),
    targets: floatsAt(workspace, layout.targets, rows.rowCount),
    weights: rows.weights,
    starts: rows.queryStarts ?? new Uint32Array(1),
  }
}
