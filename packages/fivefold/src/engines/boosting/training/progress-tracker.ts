import { FivefoldError } from '../../../core/index.ts'
import type { RowsLayout } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import { floatsAt, type Workspace } from '../kernels/workspace.ts'
import { isHigherBetter, measureRows } from '../loss/early-stopping-metric.ts'
import { updatePredictions } from '../loss/loss.ts'
import type { LossHistory } from '../model/model.ts'
import { followBest } from './follow-best.ts'
import { type HeldOutRows, heldOutRows } from './held-out-rows.ts'
import type { RoundReport } from './round-report.ts'
import type { TrainingRows } from './training-job.ts'

/** Follows losses and metric from round to round. */
export interface ProgressTracker {
  readonly history: LossHistory
  /** Brings predictions up to date with the scores, and measures. */
  measure(round: number): RoundReport
  /** Counted from 1; the last round where nothing is validated. */
  bestRound(): number
  shouldStop(round: number): boolean
}

/**
 * @param customMetric measures the validation rows in the caller's way
 * @param heldOut the fold to follow, in cross-validation
 */
export function createProgressTracker(
  workspace: Workspace,
  team: ThreadTeam,
  customMetric: (() => number) | undefined,
  heldOut: number | undefined,
): ProgressTracker {
  return heldOut === undefined
    ? followRows(workspace, team, customMetric)
    : followFold(workspace, team, heldOutRows(workspace, heldOut))
}

/** Follows the rows of one fold; what the others' loss is nobody asks in cross-validation. */
function followFold(workspace: Workspace, team: ThreadTeam, rows: HeldOutRows): ProgressTracker {
  const { job, layout } = workspace
  const isMetric = job.params.metric !== 'loss'
  const metric = isMetric ? ([] as number[]) : undefined
  const history = { train: [] as number[], validation: [] as number[], ...(metric !== undefined && { metric }) }
  const best = followBest(job.params.metric !== 'loss' && isHigherBetter(job.params.metric), job.params)
  updatePredictions(workspace, team, layout.train, 1)
  return {
    history,
    measure: (round) => {
      updatePredictions(workspace, team, layout.train, 1)
      const validationLoss = rows.loss()
      const validationMetric = rows.metric()
      history.validation.push(validationLoss)
      if (validationMetric !== undefined) metric!.push(validationMetric)
      best.offer(round, validationMetric ?? validationLoss)
      return { round, trainLoss: undefined, validationLoss, validationMetric }
    },
    bestRound: best.round,
    shouldStop: best.isLongAgo,
  }
}

function followRows(workspace: Workspace, team: ThreadTeam, customMetric: (() => number) | undefined): ProgressTracker {
  const { job, layout } = workspace
  const measureLoss = (at: RowsLayout, weight: number): number | undefined =>
    updatePredictions(workspace, team, at, weight)
  const trainWeight = totalWeight(job.train)
  const validationWeight = job.validation === undefined ? 0 : totalWeight(job.validation)
  const metricOf = createMetric(workspace, customMetric)
  // The first gradients need predictions too.
  measureLoss(layout.train, trainWeight)
  const metric = metricOf === undefined ? undefined : ([] as number[])
  const history = { train: [] as number[], validation: [] as number[], ...(metric !== undefined && { metric }) }
  const best = followBest(metricOf?.higherIsBetter === true, job.params)
  return {
    history,
    measure: (round) => {
      const trainLoss = measureLoss(layout.train, trainWeight)
      if (trainLoss !== undefined) history.train.push(finite(trainLoss, round))
      if (job.validation === undefined || layout.validation === undefined) {
        best.offer(round, undefined)
        return { round, trainLoss, validationLoss: undefined, validationMetric: undefined }
      }
      const validationLoss = measureLoss(layout.validation, validationWeight)
      if (validationLoss !== undefined) history.validation.push(validationLoss)
      const validationMetric = metricOf?.measure()
      if (validationMetric !== undefined) metric!.push(validationMetric)
      best.offer(round, validationMetric ?? validationLoss)
      return { round, trainLoss, validationLoss, validationMetric }
    },
    bestRound: best.round,
    shouldStop: best.isLongAgo,
  }
}

function totalWeight({ weights, rowCount }: TrainingRows): number {
  return weights?.reduce((sum, weight) => sum + weight, 0) ?? rowCount
}

interface FollowedMetric {
  readonly higherIsBetter: boolean
  measure(): number
}

/** Undefined where early stopping follows the loss. */
function createMetric(workspace: Workspace, customMetric: (() => number) | undefined): FollowedMetric | undefined {
  const { job, layout } = workspace
  const { metric } = job.params
  if (job.validation === undefined) return undefined
  if (customMetric !== undefined) return { ...job.customMetric!, measure: customMetric }
  if (metric === 'loss') return undefined
  const { objective, validation, params } = job
  const targets = inTargetUnits(workspace, validation.targets)
  return {
    higherIsBetter: isHigherBetter(metric),
    measure: () => {
      const { scores, outputBytes } = layout.validation!
      const outputs = Array.from({ length: objective.outputCount }, (_, output) =>
        inTargetUnits(workspace, floatsAt(workspace, scores + output * outputBytes, validation.rowCount)),
      )
      const rows = { targets, scores: outputs, queryStarts: validation.queryStarts }
      return measureRows(metric, objective, rows, params.ndcgAt)
    },
  }
}

/** In doubles: targets may lie far from 0 and close together. */
function inTargetUnits({ job }: Workspace, values: Float32Array): Float64Array {
  const { targetOffset, targetScale } = job.objective
  return Float64Array.from(values, (value) => targetOffset + targetScale * value)
}

function finite(loss: number, round: number): number {
  if (Number.isFinite(loss)) return loss
  throw new FivefoldError('TRAIN_DIVERGED', `boosting: the loss of round ${round} is ${loss}`, {
    remedy: 'Lower the learning rate, or divide large targets or weights by a power of ten.',
  })
}
