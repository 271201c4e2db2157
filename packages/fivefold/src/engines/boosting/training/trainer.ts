import { createRng, type Rng } from '../../../core/index.ts'
import { chooseFeatures } from '../grower/feature-choice.ts'
import { leafValues } from '../grower/leaf-values.ts'
import { growTree } from '../grower/tree-grower.ts'
import { BIN_CHUNK_ROWS, RECORD_BYTES, type RowsLayout, TRAIN_ROWS, VALIDATION_ROWS } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import { floatsAt, type Workspace } from '../kernels/workspace.ts'
import { isHigherBetter } from '../loss/early-stopping-metric.ts'
import { type GivenGradients, writeGradients } from '../loss/gradients.ts'
import { updatePredictions } from '../loss/loss.ts'
import type { BoostingModel } from '../model/model.ts'
import { flattenTrees, type ValuedTree } from '../model/trees.ts'
import { checkValues } from './check-values.ts'
import { followBest } from './follow-best.ts'
import { createProgressTracker, type ProgressTracker } from './progress-tracker.ts'
import type { RoundReport } from './round-report.ts'
import { addToTrainingScores, addToValidationScores } from './score-update.ts'
import type { TrainingRows } from './training-job.ts'

export interface TrainerHooks {
  /** Called after each round. */
  onRound(report: RoundReport): void
  /** Called before each round and each split; throws to stop. */
  checkCancelled(): void
  /** Writes the gradients of an objective of the caller's. */
  readonly customGradients?: GivenGradients
  /** Measures the validation rows with a metric of the caller's. */
  readonly customMetric?: () => number
}

/** Rows of binning that one call takes on. */
const BIN_CALL_ROWS = 16 * BIN_CHUNK_ROWS

/**
 * Trains a model in the calling thread, with the help of the team's others. The result is a function of the job alone.
 */
export function trainInWorkspace(workspace: Workspace, team: ThreadTeam, hooks: TrainerHooks): BoostingModel {
  return finish(trainByRound(workspace, team, hooks))
}

/** One model, or in cross-validation one a fold. */
export function trainAll(workspace: Workspace, team: ThreadTeam, hooks: TrainerHooks): BoostingModel[] {
  if (workspace.job.folds === undefined) return [trainInWorkspace(workspace, team, hooks)]
  return finish(crossValidateByRound(workspace, team, hooks))
}

function finish<Result>(rounds: Generator<undefined, Result>): Result {
  for (;;) {
    const step = rounds.next()
    if (step.done) return step.value
  }
}

/** As trainInWorkspace, with a pause after loading and after each round, in which the caller may do other things. */
export function* trainByRound(
  workspace: Workspace,
  team: ThreadTeam,
  hooks: TrainerHooks,
): Generator<undefined, BoostingModel> {
  const { params } = workspace.job
  hooks.checkCancelled()
  loadRows(workspace, team)
  const booster = createBooster(workspace, team, hooks, undefined)
  let round = 0
  while (round < params.rounds && !(round > 0 && booster.shouldStop(round))) {
    yield
    hooks.checkCancelled()
    hooks.onRound(booster.grow(++round))
  }
  return booster.model(params.earlyStoppingRounds > 0 ? booster.bestRound() : round)
}

/**
 * Trains one model a fold, on all rows but the fold's. Folds go side by side, round by round, so that early stopping
 * follows their mean; rows are binned once.
 */
function* crossValidateByRound(
  workspace: Workspace,
  team: ThreadTeam,
  hooks: TrainerHooks,
): Generator<undefined, BoostingModel[]> {
  const { job, layout } = workspace
  hooks.checkCancelled()
  loadRows(workspace, team)
  const folds = job.folds!.baseScores.map((baseScores, fold) => {
    setStartScores(workspace, job.train, layout.train, baseScores)
    return { booster: createBooster(workspace, team, hooks, fold), scores: copyScores(workspace) }
  })
  const best = followBest(job.params.metric !== 'loss' && isHigherBetter(job.params.metric), job.params)
  for (let round = 1; round <= job.params.rounds; round++) {
    let sum = 0
    for (const fold of folds) {
      yield
      hooks.checkCancelled()
      restoreScores(workspace, fold.scores)
      updatePredictions(workspace, team, layout.train, 1)
      const { validationMetric, validationLoss } = fold.booster.grow(round)
      sum += validationMetric ?? validationLoss!
      fold.scores = copyScores(workspace)
    }
    const mean = sum / folds.length
    hooks.onRound({ round, trainLoss: undefined, validationLoss: mean, validationMetric: undefined })
    best.offer(round, mean)
    if (best.isLongAgo(round)) break
  }
  return folds.map(({ booster }) => booster.model(best.round()))
}

function copyScores({ layout, bytes, job }: Workspace): Uint8Array {
  const { scores, outputBytes } = layout.train
  return bytes.slice(scores, scores + outputBytes * job.objective.outputCount)
}

function restoreScores({ layout, bytes }: Workspace, saved: Uint8Array): void {
  bytes.set(saved, layout.train.scores)
}

/** One model on its way. */
interface Booster {
  grow(round: number): RoundReport
  shouldStop(round: number): boolean
  bestRound(): number
  /** The model of the first so many rounds. */
  model(rounds: number): BoostingModel
}

/** @param heldOut the fold whose rows are not learnt from */
function createBooster(
  workspace: Workspace,
  team: ThreadTeam,
  hooks: TrainerHooks,
  heldOut: number | undefined,
): Booster {
  const { job } = workspace
  const rng = createRng(job.seed, 'boosting/rounds')
  const trees: ValuedTree[] = []
  const progress = createProgressTracker(workspace, team, hooks.customMetric, heldOut)
  const baseScores = heldOut === undefined ? job.objective.baseScores : job.folds!.baseScores[heldOut]!
  return {
    grow: (round) => {
      for (let output = 0; output < job.objective.outputCount; output++)
        trees.push(growOneTree(workspace, team, output, rng, hooks, heldOut))
      return progress.measure(round)
    },
    shouldStop: progress.shouldStop,
    bestRound: progress.bestRound,
    model: (rounds) => toModel(workspace, trees.slice(0, rounds * job.objective.outputCount), baseScores, progress),
  }
}

function toModel(
  { job, layout, float32 }: Workspace,
  kept: readonly ValuedTree[],
  baseScores: readonly number[],
  progress: ProgressTracker,
): BoostingModel {
  const { outputCount, targetOffset, targetScale } = job.objective
  const trees = flattenTrees(kept, outputCount, targetScale, {
    cutOf: (feature, bin) => float32[layout.cuts / 4 + feature * 256 + bin]!,
    codesOf: (feature) => job.categories[feature]!.codes,
  })
  checkValues(trees)
  return {
    kind: 'boosting',
    featureNames: job.featureNames,
    objective: job.objective.name,
    classes: job.classes,
    categoricalFeatures: job.featureNames.filter((_, feature) => job.categories[feature] !== undefined),
    baseScores: baseScores.map((score) => targetOffset + targetScale * score),
    trees,
    params: job.params,
    history: progress.history,
    bestRound: job.folds === undefined ? progress.bestRound() : kept.length / outputCount,
  }
}

/** Bins all rows and sets targets, weights and starting scores. */
function loadRows(workspace: Workspace, team: ThreadTeam): void {
  const { job, layout } = workspace
  const features = Array.from({ length: layout.featureCount }, (_, feature): [number] => [feature])
  team.run('cutFeature', features, job.train.rowCount * layout.featureCount)
  loadOne(workspace, team, TRAIN_ROWS, job.train, layout.train)
  if (job.folds !== undefined) workspace.bytes.set(job.folds.ofRow, layout.folds)
  if (job.rules.directions !== undefined) workspace.int32.set(job.rules.directions, layout.directions / 4)
  if (job.validation !== undefined && layout.validation !== undefined)
    loadOne(workspace, team, VALIDATION_ROWS, job.validation, layout.validation)
}

function loadOne(workspace: Workspace, team: ThreadTeam, which: number, rows: TrainingRows, to: RowsLayout): void {
  const ranges: [number, number, number][] = []
  for (let row = 0; row < rows.rowCount; row += BIN_CALL_ROWS)
    ranges.push([which, row, Math.min(rows.rowCount, row + BIN_CALL_ROWS)])
  team.run('binRowRange', ranges, rows.rowCount * rows.features.length)
  floatsAt(workspace, to.targets, rows.rowCount).set(rows.targets)
  if (rows.weights !== undefined) floatsAt(workspace, to.weights, rows.rowCount).set(rows.weights)
  setStartScores(workspace, rows, to, workspace.job.objective.baseScores)
}

function setStartScores(workspace: Workspace, rows: TrainingRows, to: RowsLayout, baseScores: readonly number[]): void {
  for (const [output, score] of baseScores.entries()) {
    const scores = floatsAt(workspace, to.scores + output * to.outputBytes, rows.rowCount)
    if (rows.startScores === undefined) scores.fill(score)
    else scores.set(rows.startScores[output]!)
  }
}

function growOneTree(
  workspace: Workspace,
  team: ThreadTeam,
  output: number,
  rng: Rng,
  hooks: TrainerHooks,
  heldOut: number | undefined,
): ValuedTree {
  const { job, layout } = workspace
  const { rowCount } = layout.train
  const features = chooseFeatures(workspace, rng)
  const scale = writeGradients(workspace, team, output, drawSeed(rng), hooks.customGradients)
  const trainCount = heldOut === undefined ? rowCount : separateFold(workspace, heldOut)
  const sampleCount = job.params.rowSample < 1 ? sampleRecords(workspace, trainCount, drawSeed(rng)) : trainCount
  const nodes = growTree(workspace, team, sampleCount, scale, features, hooks.checkCancelled)
  const tree = { nodes, values: leafValues(workspace, team, nodes, scale, output) }
  addToTrainingScores(workspace, team, tree, output, sampleCount)
  if (layout.validation !== undefined) addToValidationScores(workspace, team, tree, output)
  return tree
}

const drawSeed = (rng: Rng): number => rng.int(2 ** 32)

/** Brings the records of a random sample of rows to the front; at least one row is in it. */
function sampleRecords({ kernels, layout, job }: Workspace, count: number, seed: number): number {
  const threshold = Math.floor(job.params.rowSample * 2 ** 32)
  return Math.max(1, kernels.separateSample(layout.records, count, layout.recordScratch, seed, threshold))
}

/** Brings the records of rows outside a fold to the front, and returns how many they are. */
function separateFold({ kernels, layout, bytes }: Workspace, fold: number): number {
  const { rowCount } = layout.train
  bytes.fill(0, layout.binSides, layout.binSides + 256)
  bytes[layout.binSides + fold] = 1
  const count = kernels.partitionBySides(layout.folds, layout.records, rowCount, layout.binSides, layout.recordScratch)
  kernels.copyBytes(layout.records + count * RECORD_BYTES, layout.recordScratch, (rowCount - count) * RECORD_BYTES)
  return count
}
