import { type Context, createContext, FivefoldError } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { checkFeatures } from '../predictor/predict.ts'
import { checkTreeShape } from './check-tree-shape.ts'
import { checkCovers } from './covers.ts'
import type { DependenceJob } from './dependence-job.ts'
import { crossGrids, gridOf } from './grid.ts'
import { outputNames } from './output-names.ts'
import { runJob } from './run-job.ts'
import { allocateValues } from './shared-values.ts'

export interface PartialDependenceOptions {
  /** One feature, or two for a surface. */
  readonly features: readonly [string] | readonly [string, string]
  /**
   * 'rows' holds the features at each grid point in every row of the sample and takes the mean (Friedman, 2001);
   * 'recursion' walks the trees with covers as weights instead (section 8.2 there), which takes no rows but for the grid
   * and gives means of the score alone. Default 'rows'.
   */
  readonly method?: 'rows' | 'recursion'
  /** Values of each feature, NaN for missing. Default: from the sample, see `gridSize`. */
  readonly grid?: readonly Float32Array[]
  /**
   * Most values of a feature on the default grid: quantiles of the sample from its least to its largest finite value, or
   * for categories the most frequent codes. Default 50; for two features 20.
   */
  readonly gridSize?: number
  /** Log-odds and the like, or probabilities and values as predicted. Default 'score'. */
  readonly scale?: 'score' | 'prediction'
  /** Curves as differences from their value at the first grid point (Goldstein et al., 2015). Default false. */
  readonly centred?: boolean
  /** Also the curve of each row (individual conditional expectation; Goldstein et al., 2015). Default false. */
  readonly individual?: boolean
}

/** What a model says on average as one or two features vary. */
export interface PartialDependence {
  readonly features: readonly string[]
  /** Values of each feature. Points are their combinations, those of the last feature varying fastest. */
  readonly grid: readonly Float32Array[]
  /** The positive class of two, every class of more, or 'prediction'. */
  readonly outputNames: readonly string[]
  readonly scale: 'score' | 'prediction'
  /** Row-major [points x outputs]. */
  readonly mean: Float64Array
  /** Row-major [rows x points x outputs]; only where asked for. */
  readonly individual?: Float64Array
}

/**
 * Partial dependence (Friedman, 2001, 'Greedy function approximation') and individual conditional expectation.
 *
 * @param sample rows to average over and to take the grid from: the features of the model
 * @throws MODEL_INPUT where the sample differs from the features trained on or is empty, or by recursion the model lacks
 *   covers
 * @throws OPTION_INVALID for unknown features and options that exclude each other
 * @throws CANCELLED after `context.signal` is aborted
 */
export async function partialDependence(
  model: BoostingModel,
  sample: FeatureMatrix,
  options: PartialDependenceOptions,
  context: Context = createContext(),
): Promise<PartialDependence> {
  checkFeatures(model, sample)
  const { features, centred = false } = options
  const choices = chooseFrom(options)
  const held = heldFeatures(model, features)
  const grid = options.grid
    ? checkGrid(options.grid, held.length)
    : held.map((feature) => gridOf(model, sample, feature, options.gridSize ?? (held.length === 1 ? 50 : 20)))
  const job = dependenceJob(model, sample, held, crossGrids(grid), choices)
  await runJob(job, context)
  if (centred) for (const curves of [job.mean, job.individual]) centre(curves, model.baseScores.length, job.mean.length)
  return {
    features,
    grid,
    outputNames: outputNames(model),
    scale: job.scale,
    mean: job.mean,
    ...(choices.individual ? { individual: job.individual } : {}),
  }
}

type Choices = Required<Pick<PartialDependenceOptions, 'method' | 'scale' | 'individual'>>

function chooseFrom({ method = 'rows', scale = 'score', individual = false }: PartialDependenceOptions): Choices {
  if (!['rows', 'recursion'].includes(method)) invalid(`no method '${method}'; there are 'rows' and 'recursion'`)
  if (!['score', 'prediction'].includes(scale)) invalid(`no scale '${scale}'; there are 'score' and 'prediction'`)
  if (method === 'recursion' && (scale !== 'score' || individual))
    invalid(`method 'recursion' gives means of the score alone: neither scale 'prediction' nor individual curves`)
  return { method, scale, individual }
}

const MOST_POINTS = 1_000_000

function invalid(message: string): never {
  throw new FivefoldError('OPTION_INVALID', `partial dependence: ${message}`)
}

function heldFeatures({ featureNames }: BoostingModel, features: readonly string[]): number[] {
  if (features.length < 1 || features.length > 2) invalid(`${features.length} features, expected one or two`)
  if (features[0] === features[1]) invalid(`the feature '${features[0]}' is named twice`)
  return features.map((name) => {
    const index = featureNames.indexOf(name)
    if (index < 0) invalid(`the model has no feature '${name}'; it has ${featureNames.join(', ')}`)
    return index
  })
}

function checkGrid(grid: readonly Float32Array[], count: number): readonly Float32Array[] {
  if (grid.length !== count) invalid(`${grid.length} grids for ${count} features`)
  if (grid.some((values) => values.length === 0)) invalid('a grid has no values')
  const points = grid.reduce((product, { length }) => product * length, 1)
  if (points > MOST_POINTS) invalid(`${points} grid points, at most ${MOST_POINTS} are looked at`)
  return grid
}

function dependenceJob(
  model: BoostingModel,
  sample: FeatureMatrix,
  held: readonly number[],
  points: Float32Array,
  { method, scale, individual }: Choices,
): DependenceJob {
  if (method === 'recursion') {
    checkTreeShape(model.trees)
    checkCovers(model)
  } else if (sample.rowCount === 0) throw new FivefoldError('MODEL_INPUT', 'partial dependence: the sample has no rows')
  const taskCount = points.length / held.length
  const outputCount = model.baseScores.length
  // A row of prediction takes about as long as one leaf's value of an explanation for each tree.
  const workOfTask = method === 'rows' ? sample.rowCount * model.trees.output.length : model.trees.feature.length
  return {
    kind: 'dependence',
    method,
    model,
    features: sample,
    taskCount,
    work: taskCount * workOfTask,
    held,
    points,
    scale,
    mean: allocateValues([taskCount, outputCount]),
    individual: allocateValues(individual ? [sample.rowCount, taskCount, outputCount] : [0]),
  }
}

/** Takes each curve's first point off it, in place; a curve is `length` values of `outputCount` outputs in turn. */
function centre(curves: Float64Array, outputCount: number, length: number): Float64Array {
  for (let begin = 0; begin < curves.length; begin += length) {
    const first = curves.slice(begin, begin + outputCount)
    for (let i = 0; i < length; i++) curves[begin + i]! -= first[i % outputCount]!
  }
  return curves
}
