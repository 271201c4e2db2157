import { setImmediate } from 'node:timers/promises'
import { type Context, FivefoldError, throwIfCancelled } from '../../../core/index.ts'
import { newtonStep } from '../grower/newton-step.ts'
import { chooseObjective } from '../loss/choose-objective.ts'
import { largestStep, type Objective } from '../loss/objective.ts'
import { quantileOf } from '../loss/quantile-of.ts'
import { type GradientRows, writeRowGradients } from '../loss/row-gradients.ts'
import type { BoostingModel } from '../model/model.ts'
import { goesLeft, type Trees } from '../model/trees.ts'
import { checkFeatures } from '../predictor/predict.ts'
import { checkRows, queryStartsOf } from './check-data.ts'
import { checkValues } from './check-values.ts'
import { effectiveWeights } from './class-weights.ts'
import type { LabelledRows } from './labelled-rows.ts'

interface RefitOptions {
  /** Share of the old leaf values that is kept, 0 to 1. Default 0.9, as in LightGBM. */
  readonly decay?: number
}

/**
 * Learns the leaf values of a model again from new rows and keeps its splits: for data that drift slowly, at a small part
 * of the cost of training. Each leaf becomes decay x old + (1 - decay) x what the new rows say; leaves that no new row
 * reaches stay as they are.
 *
 * @throws MODEL_INPUT where the features differ from the model's, TRAIN_INPUT for data, OPTION_INVALID for a decay outside
 *   [0, 1] or a model of a custom objective or with monotone constraints, CANCELLED after `context.signal` is aborted
 */
export async function refitBoosting(
  model: BoostingModel,
  data: LabelledRows,
  context: Context,
  { decay = 0.9 }: RefitOptions = {},
): Promise<BoostingModel> {
  if (!(decay >= 0 && decay <= 1))
    throw new FivefoldError('OPTION_INVALID', `boosting: decay is ${decay}, not in [0, 1]`)
  if (model.objective === 'custom')
    throw new FivefoldError(
      'OPTION_INVALID',
      'boosting: a model of a custom objective cannot be refitted; train it again',
    )
  if (Object.keys(model.params.monotone).length > 0)
    throw new FivefoldError('OPTION_INVALID', 'boosting: refitting would break monotone constraints; train again')
  checkFeatures(model, data.features)
  checkRows('refit', data)
  const rows = gradientRows(model, data)
  const values = model.trees.value.slice()
  const treeCount = model.trees.starts.length - 1
  for (let tree = 0; tree < treeCount; tree++) {
    throwIfCancelled(context.signal)
    refitTree(model, data, rows, tree, decay, values)
    context.progress({ stage: 'refit', done: tree + 1, total: treeCount })
    await setImmediate()
  }
  const trees = { ...model.trees, value: values }
  checkValues(trees)
  return { ...model, trees }
}

function gradientRows(model: BoostingModel, data: LabelledRows): GradientRows {
  const { target } = data
  const weights = effectiveWeights(data, model.params.classWeights)
  const objective = objectiveOf(model, data, weights)
  const { targetOffset, targetScale } = objective
  const labels = target.kind === 'classes' ? target.codes : target.values
  return {
    objective,
    targets: Float32Array.from(labels, (label) => (label - targetOffset) / targetScale),
    weights,
    queryStarts: objective.name === 'lambdarank' ? queryStartsOf('refit', data) : undefined,
    truncation: model.params.rankingTruncation,
    scores: model.baseScores.map((base) =>
      new Float32Array(data.features.rowCount).fill((base - targetOffset) / targetScale),
    ),
  }
}

/** Units and shape of the loss on the new rows; its start is the model's. */
function objectiveOf(model: BoostingModel, { target }: LabelledRows, weights: Float32Array | undefined): Objective {
  const classes = target.kind === 'classes' ? target.classes : []
  if (classes.length !== model.classes.length || classes.some((name, i) => name !== model.classes[i]))
    throw new FivefoldError('TRAIN_INPUT', 'boosting: the target to refit on has other classes than the model')
  const params = { ...model.params, objective: model.objective as Exclude<typeof model.objective, 'custom'> }
  return chooseObjective(target, weights, params, false)
}

function refitTree(
  { trees, params }: BoostingModel,
  { features }: LabelledRows,
  rows: GradientRows,
  tree: number,
  decay: number,
  values: Float32Array,
): void {
  const output = trees.output[tree]!
  const { objective, weights } = rows
  const scores = rows.scores[output]!
  const leaves = leavesOf(trees, tree, features.values, features.rowCount)
  const { gradients, hessians } = writeRowGradients(rows, output)
  const limit = largestStep(objective)
  for (const [leaf, members] of groupByLeaf(leaves)) {
    const step = isRenewed(objective)
      ? quantileOf(
          Float64Array.from(members, (row) => rows.targets[row]! - scores[row]!),
          weights && Float64Array.from(members, (row) => weights[row]!),
          objective.shape,
        )
      : newtonStep(sumOf(gradients, members), sumOf(hessians, members) + params.l2, params.l1, {
          low: -limit,
          high: limit,
        })
    values[leaf] = decay * trees.value[leaf]! + (1 - decay) * params.learningRate * step * objective.targetScale
    for (const row of members) scores[row]! += values[leaf] / objective.targetScale
  }
}

function isRenewed({ name }: Objective): boolean {
  return name === 'absolute' || name === 'quantile'
}

function sumOf(values: Float32Array, members: readonly number[]): number {
  let sum = 0
  for (const row of members) sum += values[row]!
  return sum
}

function groupByLeaf(leaves: Uint32Array): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (let row = 0; row < leaves.length; row++) {
    const members = groups.get(leaves[row]!)
    if (members === undefined) groups.set(leaves[row]!, [row])
    else members.push(row)
  }
  return groups
}

function leavesOf(trees: Trees, tree: number, features: readonly Float32Array[], rowCount: number): Uint32Array {
  const root = trees.starts[tree]!
  const leaves = new Uint32Array(rowCount)
  for (let row = 0; row < rowCount; row++) {
    let node = root
    while (trees.feature[node]! >= 0)
      node = root + trees.left[node]! + (goesLeft(trees, node, features[trees.feature[node]!]![row]!) ? 0 : 1)
    leaves[row] = node
  }
  return leaves
}
