import { type Context, createContext, FivefoldError, throwIfCancelled } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { goesLeft } from '../model/trees.ts'
import { checkFeatures } from '../predictor/predict.ts'
import { checkTreeShape } from './check-tree-shape.ts'
import { checkCovers, weightedTreeMean } from './covers.ts'
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
  const { features, method = 'rows', scale = 'score', centred = false, individual = false } = options
  const held = heldFeatures(model, features)
  const grid = options.grid
    ? checkGrid(options.grid, held.length)
    : held.map((feature) => gridOf(model, sample, feature, options.gridSize ?? (held.length === 1 ? 50 : 20)))
  if (method === 'recursion' && (scale !== 'score' || individual))
    invalid(`method 'recursion' gives means of the score alone: neither scale 'prediction' nor individual curves`)
  const points = crossGrids(grid)
  const common = { features, grid, outputNames: outputNames(model), scale }
  if (method === 'recursion') {
    const mean = dependenceByCovers(model, held, points, context)
    return { ...common, mean: centred ? centre(mean, common.outputNames.length, mean.length) : mean }
  }
  const job = dependenceJob(model, sample, held, points, scale, individual)
  await runJob(job, context)
  const outputCount = model.baseScores.length
  if (centred) for (const curves of [job.mean, job.individual]) centre(curves, outputCount, job.mean.length)
  return { ...common, mean: job.mean, ...(individual ? { individual: job.individual } : {}) }
}

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
  return grid
}

function dependenceJob(
  model: BoostingModel,
  sample: FeatureMatrix,
  held: readonly number[],
  points: Float32Array,
  scale: DependenceJob['scale'],
  individual: boolean,
): DependenceJob {
  if (sample.rowCount === 0) throw new FivefoldError('MODEL_INPUT', 'partial dependence: the sample has no rows')
  const taskCount = points.length / held.length
  const outputCount = model.baseScores.length
  return {
    kind: 'dependence',
    model,
    features: sample,
    taskCount,
    // A row of prediction takes about as long as one leaf's value of an explanation for each tree.
    work: sample.rowCount * taskCount * model.trees.output.length,
    held,
    points,
    scale,
    mean: allocateValues([taskCount, outputCount]),
    individual: allocateValues(individual ? [sample.rowCount, taskCount, outputCount] : [0]),
  }
}

function dependenceByCovers(
  model: BoostingModel,
  held: readonly number[],
  points: Float32Array,
  context: Context,
): Float64Array {
  checkTreeShape(model.trees)
  checkCovers(model)
  const { trees, baseScores } = model
  const pointCount = points.length / held.length
  const mean = new Float64Array(pointCount * baseScores.length)
  for (let point = 0; point < pointCount; point++) {
    throwIfCancelled(context.signal)
    const at = point * baseScores.length
    mean.set(baseScores, at)
    const sideOf = (node: number): boolean | undefined => {
      const index = held.indexOf(trees.feature[node]!)
      return index < 0 ? undefined : goesLeft(trees, node, points[point * held.length + index]!)
    }
    for (const [tree, output] of trees.output.entries()) mean[at + output]! += weightedTreeMean(trees, tree, sideOf)
  }
  return mean
}

/** Takes each curve's first point off it, in place; a curve is `length` values of `outputCount` outputs in turn. */
function centre(curves: Float64Array, outputCount: number, length: number): Float64Array {
  for (let begin = 0; begin < curves.length; begin += length) {
    const first = curves.slice(begin, begin + outputCount)
    for (let i = 0; i < length; i++) curves[begin + i]! -= first[i % outputCount]!
  }
  return curves
}
