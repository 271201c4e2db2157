import type { Context } from '../../../core/index.ts'
import type { RoundReport } from './round-report.ts'
import type { TrainingJob } from './training-job.ts'

/** Tells the caller's progress sink and run of a round. */
export function reportRound(
  { round, trainLoss, validationLoss }: RoundReport,
  { params }: TrainingJob,
  context: Context,
) {
  if (trainLoss !== undefined) context.run.metric('train/loss', trainLoss, round)
  if (validationLoss !== undefined) context.run.metric('validation/loss', validationLoss, round)
  const validation = validationLoss === undefined ? '' : `, validation ${validationLoss.toPrecision(5)}`
  const note = trainLoss === undefined ? validation.slice(2) : `loss ${trainLoss.toPrecision(5)}${validation}`
  context.progress({ stage: 'boosting', done: round, total: params.rounds, note })
}
