import { FivefoldError } from '../../../core/index.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import { floatsAt, type Workspace } from '../kernels/workspace.ts'
import { measureRows } from '../loss/early-stopping-metric.ts'
import { updatePredictions } from '../loss/loss.ts'
import { toTargetUnits } from '../loss/objective.ts'
import type { LossHistory } from '../model/model.ts'
import { type HeldOutRows, heldOutRows } from './held-out-rows.ts'
import type { RoundReport } from './round-report.ts'
import type { TrainingRows } from './training-job.ts'

/** Measures losses and metric from round to round, and keeps them. */
export interface ProgressTracker {
  readonly history: LossHistory
  /** Brings predictions up to date with the scores, and measures. */
  measure(round: number): RoundReport
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
  const history = emptyHistory(job.params.metric !== 'loss')
  updatePredictions(workspace, team, layout.train, 1)
  return {
    history,
    measure: (round) => {
      updatePredictions(workspace, team, layout.train, 1)
      const validationLoss = rows.loss()
      const validationMetric = rows.metric()
      history.validation.push(validationLoss)
      if (validationMetric !== undefined) history.metric!.push(validationMetric)
      return { round, trainLoss: undefined, validationLoss, validationMetric }
    },
  }
}

function followRows(workspace: Workspace, team: ThreadTeam, customMetric: (() => number) | undefined): ProgressTracker {
  const { job, layout } = workspace
  const trainWeight = totalWeight(job.train)
  const validationWeight = job.validation === undefined ? 0 : totalWeight(job.validation)
  const metric = createMetric(workspace, customMetric)
  const history = emptyHistory(metric !== undefined)
  // The first gradients need predictions too.
  updatePredictions(workspace, team, layout.train, trainWeight)
  return {
    history,
    measure: (round) => {
      const trainLoss = updatePredictions(workspace, team, layout.train, trainWeight)
      if (trainLoss !== undefined) history.train.push(finite(trainLoss, round))
      const validationLoss =
        layout.validation && updatePredictions(workspace, team, layout.validation, validationWeight)
      if (validationLoss !== undefined) history.validation.push(validationLoss)
      const validationMetric = metric?.()
      if (validationMetric !== undefined) history.metric!.push(validationMetric)
      return { round, trainLoss, validationLoss, validationMetric }
    },
  }
}

function emptyHistory(hasMetric: boolean): { train: number[]; validation: number[]; metric?: number[] } {
  return { train: [], validation: [], ...(hasMetric && { metric: [] }) }
}

function totalWeight({ weights, rowCount }: TrainingRows): number {
  return weights?.reduce((sum, weight) => sum + weight, 0) ?? rowCount
}

/** What measures the validation rows; undefined where early stopping follows the loss. */
function createMetric(workspace: Workspace, customMetric: (() => number) | undefined): (() => number) | undefined {
  const { job, layout } = workspace
  const { objective, validation, params } = job
  const { metric } = params
  if (validation === undefined) return undefined
  if (customMetric !== undefined || metric === 'loss') return customMetric
  const targets = toTargetUnits(objective, validation.targets)
  return () => {
    const { scores, outputBytes } = layout.validation!
    const outputs = Array.from({ length: objective.outputCount }, (_, output) =>
      toTargetUnits(objective, floatsAt(workspace, scores + output * outputBytes, validation.rowCount)),
    )
    const rows = { targets, scores: outputs, queryStarts: validation.queryStarts }
    return measureRows(metric, objective, rows, params.ndcgAt)
  }
}

function finite(loss: number, round: number): number {
  if (Number.isFinite(loss)) return loss
  throw new FivefoldError('TRAIN_DIVERGED', `boosting: the loss of round ${round} is ${loss}`, {
    remedy: 'Lower the learning rate, or divide large targets or weights by a power of ten.',
  })
}
