import { type Context, throwIfCancelled } from '../../../core/index.ts'
import { type Predictions, takeMatrixRows, takeTargetRows } from '../../../data/index.ts'
import { chooseObjective } from '../loss/choose-objective.ts'
import type { Objective } from '../loss/objective.ts'
import type { BoostingModel } from '../model/model.ts'
import { type BoostingParams, resolveParamsFor } from '../parameters.ts'
import { predictBoosting } from '../predictor/predict.ts'
import { fail } from './check-data.ts'
import { effectiveWeights } from './class-weights.ts'
import type { LabelledRows, TrainingData } from './labelled-rows.ts'
import { trainInWorkers } from './train-in-workers.ts'
import { checkMetric, prepareJob } from './training-data.ts'
import type { Folds } from './training-job.ts'

const MAX_FOLDS = 255

/** What cross-validation says of parameters. */
export interface BoostingCrossValidation {
  /** Of each fold, after each round: the loss of its held-out rows, or the metric that was asked for. */
  readonly folds: readonly (readonly number[])[]
  /** Mean over folds after each round; early stopping follows it. */
  readonly mean: readonly number[]
  /** Standard deviation over folds, with the divisor folds - 1. */
  readonly deviation: readonly number[]
  /** Rounds, counted from 1, at the best mean. */
  readonly bestRound: number
  /** One model a fold, of `bestRound` rounds. */
  readonly models: readonly BoostingModel[]
  /** What each row's model says of it that has not seen it. */
  readonly outOfFold: Predictions
}

/**
 * Cross-validates parameters. Rows are binned once, with the quantiles of all rows: what a fold's model knows of the
 * held-out rows is the position of its candidate thresholds, nothing of targets.
 *
 * Held-out losses count class weights, as training losses do.
 *
 * @param folds fold of each row, 0 to at most 254; for 'lambdarank' queries lie in one fold whole
 * @throws as `trainBoosting`, and TRAIN_INPUT for folds that are not of the rows
 */
export async function crossValidateBoosting(
  data: Omit<TrainingData, 'validation' | 'initialModel'>,
  params: Partial<BoostingParams>,
  folds: ArrayLike<number>,
  context: Context,
): Promise<BoostingCrossValidation> {
  const resolved = resolveParamsFor(data.target, params)
  throwIfCancelled(context.signal)
  const { metric, earlyStoppingRounds } = resolved
  // Held-out rows are the validation rows; the check for others would refuse.
  const job = prepareJob(
    data,
    { ...resolved, metric: 'loss', earlyStoppingRounds: 0 },
    context.rng.fork('boosting').int(2 ** 32),
  )
  checkMetric(resolved, job.objective)
  const jobFolds = checkFolds(folds, data, job.train.queryStarts)
  const withBase = { ...jobFolds, baseScores: baseScoresOf(data, resolved, job.objective, jobFolds) }
  const models = await trainInWorkers(
    { ...job, params: { ...job.params, metric, earlyStoppingRounds }, folds: withBase },
    context,
    {},
  )
  const curves = models.map(({ history }) => history.metric ?? history.validation)
  const rounds = curves[0]!.length
  const at = Array.from({ length: rounds }, (_, round) => curves.map((curve) => curve[round]!))
  const mean = at.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length)
  const deviation = at.map((values, round) =>
    Math.sqrt(values.reduce((sum, value) => sum + (value - mean[round]!) ** 2, 0) / Math.max(1, values.length - 1)),
  )
  const { bestRound } = models[0]!
  return { folds: curves, mean, deviation, bestRound, models, outOfFold: predictOutOfFold(models, data, withBase) }
}

function checkFolds(
  folds: ArrayLike<number>,
  { features }: LabelledRows,
  queryStarts: Uint32Array | undefined,
): Omit<Folds, 'baseScores'> {
  if (folds.length !== features.rowCount) fail(`${folds.length} fold numbers for ${features.rowCount} rows`)
  const ofRow = new Uint8Array(new SharedArrayBuffer(features.rowCount))
  let count = 0
  for (let row = 0; row < ofRow.length; row++) {
    const fold = folds[row]!
    if (!(Number.isInteger(fold) && fold >= 0 && fold < MAX_FOLDS))
      fail(`row ${row} is in fold ${fold}; folds are whole numbers from 0 to ${MAX_FOLDS - 1}`)
    ofRow[row] = fold
    count = Math.max(count, fold + 1)
  }
  const sizes = new Uint32Array(count)
  for (const fold of ofRow) sizes[fold]!++
  const empty = sizes.indexOf(0)
  if (count < 2 || empty >= 0)
    fail(count < 2 ? 'cross-validation needs two folds or more' : `fold ${empty} has no rows`)
  for (let query = 0; queryStarts !== undefined && query + 1 < queryStarts.length; query++) {
    const rows = ofRow.subarray(queryStarts[query], queryStarts[query + 1])
    if (rows.some((fold) => fold !== rows[0])) fail(`query ${query} lies in several folds`)
  }
  return { count, ofRow }
}

/** Each fold starts from what its own training rows say, in the units of all rows. */
function baseScoresOf(
  data: LabelledRows,
  params: BoostingParams,
  { targetOffset, targetScale }: Objective,
  { count, ofRow }: Omit<Folds, 'baseScores'>,
): number[][] {
  const all = effectiveWeights(data, params.classWeights)
  return Array.from({ length: count }, (_, fold) => {
    const rows = Uint32Array.from(ofRow.keys()).filter((row) => ofRow[row] !== fold)
    const weights = all && Float32Array.from(rows, (row) => all[row]!)
    const own = chooseObjective(takeTargetRows(data.target, rows), weights, params, false)
    return own.baseScores.map((score) => (own.targetOffset + own.targetScale * score - targetOffset) / targetScale)
  })
}

function predictOutOfFold(models: readonly BoostingModel[], { features }: LabelledRows, { ofRow }: Folds): Predictions {
  const { classes } = models[0]!
  const width = Math.max(1, classes.length)
  const values = new Float64Array(features.rowCount * width)
  for (const [fold, model] of models.entries()) {
    const rows = Uint32Array.from(ofRow.keys()).filter((row) => ofRow[row] === fold)
    const said = predictBoosting(model, takeMatrixRows(features, rows))
    const own = said.kind === 'number' ? said.values : said.probabilities
    for (const [i, row] of rows.entries()) values.set(own.subarray(i * width, (i + 1) * width), row * width)
  }
  if (classes.length === 0) return { kind: 'number', values }
  return { kind: 'classes', classes, probabilities: values }
}
