import { FivefoldError } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import { binCategories } from '../binning/categories.ts'
import { frequentValue } from '../binning/frequent-values.ts'
import { checkTargetValues, chooseObjective } from '../loss/choose-objective.ts'
import { metricComplaint } from '../loss/early-stopping-metric.ts'
import type { Objective } from '../loss/objective.ts'
import type { BoostingModel } from '../model/model.ts'
import type { BoostingParams } from '../parameters.ts'
import { scoreRows } from '../predictor/score-rows.ts'
import { checkRows, checkSameShape, checkWeights, fail, queryStartsOf } from './check-data.ts'
import { effectiveWeights } from './class-weights.ts'
import { indexOfFeatures } from './feature-index.ts'
import type { LabelledRows, TrainingData } from './labelled-rows.ts'
import { splitRules } from './split-rules.ts'
import type { TrainingJob, TrainingRows } from './training-job.ts'

/** What the caller's own functions change about a job. */
export interface CustomParts {
  readonly objective: boolean
  readonly metric: { readonly higherIsBetter: boolean } | undefined
}

const NOTHING_CUSTOM: CustomParts = { objective: false, metric: undefined }

/**
 * Checks the data and turns it into what the trainer works on.
 * @throws TRAIN_INPUT where lengths differ, a target is missing or unfit for the objective, a weight is negative or only
 *   one class occurs
 * @throws OPTION_INVALID for early stopping without validation rows, and parameters that name what is not there
 */
export function prepareJob(
  data: TrainingData,
  params: BoostingParams,
  seed: number,
  custom: CustomParts = NOTHING_CUSTOM,
): TrainingJob {
  const { features, target, validation, categorical = [], initialModel } = data
  checkRows('training', data)
  if (features.names.length === 0) fail('there are no features')
  if (validation !== undefined) checkSameShape(data, validation)
  checkStopping(data, params, custom)
  const weights = effectiveWeights(data, params.classWeights)
  if (weights !== undefined) checkWeights('training', weights, features.rowCount)
  const objective = startFrom(initialModel, data, chooseObjective(target, weights, params, custom.objective))
  if (validation?.target.kind === 'number') checkTargetValues('validation', objective.name, validation.target.values)
  checkMetric(params, objective)
  const categories = indexOfFeatures('categorical', categorical, features.names)
  const rows = (which: string, labelled: LabelledRows): TrainingRows => ({
    ...toTrainingRows(labelled, objective),
    queryStarts: objective.name === 'lambdarank' ? queryStartsOf(which, labelled) : undefined,
    startScores: initialModel === undefined ? undefined : startScores(initialModel, labelled.features, objective),
  })
  return {
    train: { ...rows('training', data), weights: weights === undefined ? undefined : toShared(weights) },
    validation: validation === undefined ? undefined : rows('validation', validation),
    featureNames: features.names,
    categories: features.names.map((name, i) =>
      categories.has(i) ? binCategories(name, features.values[i]!, params.maxBins) : undefined,
    ),
    frequent: features.values.map((values, i) => (categories.has(i) ? undefined : frequentValue(values))),
    classes: target.kind === 'classes' ? target.classes : [],
    objective,
    params,
    rules: splitRules(params, features.names, categories),
    customMetric: custom.metric,
    folds: undefined,
    seed,
  }
}

/** @throws OPTION_INVALID for a metric that the objective has no use for */
export function checkMetric({ metric }: BoostingParams, objective: Objective): void {
  const complaint = metric === 'loss' ? undefined : metricComplaint(metric, objective)
  if (complaint !== undefined) throw new FivefoldError('OPTION_INVALID', `boosting: metric '${metric}' ${complaint}`)
}

function checkStopping(
  { validation }: TrainingData,
  { earlyStoppingRounds, metric }: BoostingParams,
  custom: CustomParts,
): void {
  const invalid = (message: string): never => {
    throw new FivefoldError('OPTION_INVALID', `boosting: ${message}`)
  }
  const option = earlyStoppingRounds > 0 ? 'earlyStoppingRounds' : metric !== 'loss' ? 'metric' : undefined
  if (validation === undefined && option !== undefined) invalid(`${option} needs validation rows, and none were given`)
  if (validation === undefined && custom.metric !== undefined)
    invalid('a custom metric needs validation rows, and none were given')
  const isBlind = custom.objective && custom.metric === undefined && metric === 'loss'
  if (isBlind && earlyStoppingRounds > 0) invalid('early stopping with a custom objective needs a metric to follow')
}

/** Continued training begins where the other model ends. */
function startFrom(
  model: BoostingModel | undefined,
  { features, target, categorical = [] }: TrainingData,
  objective: Objective,
): Objective {
  if (model === undefined) return objective
  const same = (a: readonly string[], b: readonly string[]): boolean =>
    a.length === b.length && a.every((x, i) => x === b[i])
  const classes = target.kind === 'classes' ? target.classes : []
  if (model.objective !== objective.name)
    fail(`the initial model has the objective '${model.objective}', this one '${objective.name}'`)
  if (!same(model.featureNames, features.names)) fail('the initial model has other features')
  if (!same(model.classes, classes)) fail('the initial model has other classes')
  if (!same([...model.categoricalFeatures].sort(), [...categorical].sort()))
    fail('the initial model has other categorical features')
  const { targetOffset, targetScale } = objective
  return { ...objective, baseScores: model.baseScores.map((score) => (score - targetOffset) / targetScale) }
}

function startScores(model: BoostingModel, features: FeatureMatrix, objective: Objective): Float32Array[] {
  const scores = scoreRows(model, features)
  const { outputCount, targetOffset, targetScale } = objective
  return Array.from({ length: outputCount }, (_, output) => {
    const own = allocateShared(features.rowCount)
    for (let row = 0; row < own.length; row++)
      own[row] = (scores[row * outputCount + output]! - targetOffset) / targetScale
    return own
  })
}

function toTrainingRows(
  { features, target, weights }: LabelledRows,
  objective: Objective,
): Omit<TrainingRows, 'queryStarts' | 'startScores'> {
  const targets = allocateShared(features.rowCount)
  if (target.kind === 'classes') targets.set(target.codes)
  else {
    const { targetOffset, targetScale } = objective
    for (let i = 0; i < targets.length; i++) targets[i] = (target.values[i]! - targetOffset) / targetScale
  }
  return {
    rowCount: features.rowCount,
    features: features.values.map(toShared),
    targets,
    weights: weights === undefined ? undefined : toShared(weights),
  }
}

function allocateShared(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * 4))
}

/** The same array where it is shared already, else a shared copy. */
function toShared(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values
  const shared = allocateShared(values.length)
  shared.set(values)
  return shared
}
