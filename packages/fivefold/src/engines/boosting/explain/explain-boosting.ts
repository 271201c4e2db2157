import { type Context, createContext, FivefoldError } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { checkFeatures } from '../predictor/predict.ts'
import { scoreRows } from '../predictor/score-rows.ts'
import type { AttributionJob } from './attribution-job.ts'
import { checkTreeShape } from './check-tree-shape.ts'
import { checkCovers, meanScores } from './covers.ts'
import { outputNames } from './output-names.ts'
import { runJob } from './run-job.ts'
import { allocateValues } from './shared-values.ts'

export interface ExplainOptions {
  /**
   * Rows to compare with, the features of the model. With them values are interventional, and say what a model does if
   * features are changed; the cost hardly grows with their number up to some hundreds. Without, values are
   * path-dependent and compare with the training rows through the covers of the trees.
   */
  readonly background?: FeatureMatrix
}

/** What each feature added to each score. */
export interface Attributions {
  readonly method: 'pathDependent' | 'interventional'
  readonly featureNames: readonly string[]
  /** The positive class of two, every class of more, or 'prediction'. */
  readonly outputNames: readonly string[]
  readonly rowCount: number
  /** Row-major [rows x outputs x features], in units of the score: log-odds, logarithms or values by the model's link. */
  readonly values: Float64Array
  /** What the values start from, one an output: the mean score over the background, or over the training rows. */
  readonly baseValues: Float64Array
  /** Row-major [rows x outputs]: base value plus the row's values. */
  readonly scores: Float64Array
}

/** What each pair of features added to each score. */
export interface Interactions extends Omit<Attributions, 'method'> {
  /**
   * Row-major [rows x outputs x features x features], symmetric: off the diagonal half of what the pair adds beyond its
   * two features, on it what a feature adds by itself. Each line sums to the feature's path-dependent attribution.
   */
  readonly values: Float64Array
}

/**
 * SHAP values of boosted trees, exact: path-dependent after Lundberg, Erion and Lee (2018), 'Consistent individualized
 * feature attribution for tree ensembles', or interventional after Lundberg et al. (2020), 'From local explanations to
 * global understanding with explainable AI for trees'. They sum, with the base value, to the score, which is checked on
 * every call. Much work runs in worker threads, with progress by block of rows; the result does not depend on how many.
 *
 * @param features of the model, in its order; NaN is missing
 * @throws MODEL_INPUT where features differ from those trained on, where the result does not fit into memory, or without
 *   a background where the model lacks covers
 * @throws CANCELLED after `context.signal` is aborted
 */
export async function explainBoosting(
  model: BoostingModel,
  features: FeatureMatrix,
  options: ExplainOptions = {},
  context: Context = createContext(),
): Promise<Attributions> {
  const { background } = options
  checkFeatures(model, features)
  checkTreeShape(model.trees)
  if (background === undefined) checkCovers(model)
  else checkBackground(model, background)
  const baseValues = background ? backgroundMeans(model, background) : meanScores(model)
  const job = attributionJob(model, features, background, background ? 'background' : 'cover', baseValues)
  await runJob(job, context)
  return { method: background ? 'interventional' : 'pathDependent', ...resultOf(job) }
}

/**
 * SHAP interaction values of boosted trees, exact and path-dependent (Lundberg et al., 2020). As `explainBoosting` in
 * everything else; cost and result grow with the square of the number of features.
 */
export async function explainInteractions(
  model: BoostingModel,
  features: FeatureMatrix,
  context: Context = createContext(),
): Promise<Interactions> {
  checkFeatures(model, features)
  checkTreeShape(model.trees)
  checkCovers(model)
  const job = attributionJob(model, features, undefined, 'coverInteractions', meanScores(model))
  await runJob(job, context)
  return resultOf(job)
}

function checkBackground(model: BoostingModel, background: FeatureMatrix): void {
  checkFeatures(model, background)
  if (background.rowCount > 0) return
  throw new FivefoldError('MODEL_INPUT', 'the background has no rows', { remedy: 'Pass some hundred training rows.' })
}

/** Rows of a block: enough that many of them stray alike, few enough that their sums stay near the processor. */
const MOST_BLOCK_ROWS = 8192
const MOST_BLOCK_SUMS = 4_000_000
/** To visit a leaf takes as long as to add its values to so many rows. */
const ROWS_OF_VISIT = 20
/** A pair costs as much to add as a feature, and a path has more of them. */
const INTERACTION_WORK = 4

function attributionJob(
  model: BoostingModel,
  features: FeatureMatrix,
  background: FeatureMatrix | undefined,
  game: AttributionJob['game'],
  baseValues: Float64Array,
): AttributionJob {
  const width = model.featureNames.length
  const outputCount = model.baseScores.length
  const isPairs = game === 'coverInteractions'
  const sums = isPairs ? (width * (width + 1)) / 2 : width
  const blockRows = Math.max(1, Math.min(MOST_BLOCK_ROWS, Math.floor(MOST_BLOCK_SUMS / sums)))
  const taskCount = Math.ceil(features.rowCount / blockRows)
  const rows = features.rowCount + taskCount * ((background?.rowCount ?? 0) + ROWS_OF_VISIT)
  const leaves = model.trees.feature.length / 2
  return {
    kind: 'attributions',
    model,
    game,
    features,
    background: background ?? emptyMatrix(model),
    blockRows,
    taskCount,
    work: rows * leaves * (isPairs ? INTERACTION_WORK : 1),
    values: allocateValues([features.rowCount, outputCount, width, isPairs ? width : 1]),
    scores: allocateValues([features.rowCount, outputCount]),
    baseValues,
  }
}

function emptyMatrix({ featureNames }: BoostingModel): FeatureMatrix {
  return { rowCount: 0, names: featureNames, values: featureNames.map(() => new Float32Array(0)) }
}

function resultOf({ model, features, values, scores, baseValues }: AttributionJob): Omit<Attributions, 'method'> {
  const { featureNames } = model
  return { featureNames, outputNames: outputNames(model), rowCount: features.rowCount, values, scores, baseValues }
}

function backgroundMeans(model: BoostingModel, background: FeatureMatrix): Float64Array {
  const outputCount = model.baseScores.length
  const means = new Float64Array(outputCount)
  for (const [i, score] of scoreRows(model, background).entries())
    means[i % outputCount]! += score / background.rowCount
  return means
}
