import { createRng, type Rng } from '../../../core/index.ts'
import { writeCellTables } from '../binning/cell-tables.ts'
import { chooseFeatures } from '../grower/feature-choice.ts'
import { leafValues } from '../grower/leaf-values.ts'
import { growTree } from '../grower/tree-grower.ts'
import { roundUp } from '../kernels/feature-blocks.ts'
import { BIN_CHUNK_ROWS, RECORD_BYTES, type RowsLayout, TRAIN_ROWS, VALIDATION_ROWS } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import { floatsAt, type Workspace } from '../kernels/workspace.ts'
import { type GivenGradients, writeGradients } from '../loss/gradients.ts'
import { updatePredictions } from '../loss/loss.ts'
import type { BoostingModel } from '../model/model.ts'
import { createTreeList, type TreeMeaning, type ValuedTree } from '../model/tree-list.ts'
import type { Trees } from '../model/trees.ts'
import { checkValues } from './check-values.ts'
import { followBest } from './follow-best.ts'
import { createProgressTracker } from './progress-tracker.ts'
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

/** Calls that binning is shared out in: so many that threads end at about the same time. */
const BIN_CALLS = 64

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
  const best = followBest(workspace.job)
  let round = 0
  while (round < params.rounds && !best.isLongAgo(round)) {
    yield
    hooks.checkCancelled()
    const report = booster.grow(++round)
    hooks.onRound(report)
    best.offer(report)
  }
  return booster.model(params.earlyStoppingRounds > 0 ? best.round() : round, best.round())
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
  const best = followBest(job)
  for (let round = 1; round <= job.params.rounds && !best.isLongAgo(round - 1); round++) {
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
    const report = { round, trainLoss: undefined, validationLoss: sum / folds.length, validationMetric: undefined }
    hooks.onRound(report)
    best.offer(report)
  }
  return folds.map(({ booster }) => booster.model(best.round(), best.round()))
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
  /** The model of the first so many rounds. */
  model(rounds: number, bestRound: number): BoostingModel
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
  const trees = createTreeList(treeMeaning(workspace))
  const progress = createProgressTracker(workspace, team, hooks.customMetric, heldOut)
  const baseScores = heldOut === undefined ? job.objective.baseScores : job.folds!.baseScores[heldOut]!
  return {
    grow: (round) => {
      for (let output = 0; output < job.objective.outputCount; output++)
        trees.add(growOneTree(workspace, team, output, rng, hooks, heldOut))
      return progress.measure(round)
    },
    model: (rounds, bestRound) => {
      const kept = trees.take(rounds * job.objective.outputCount)
      return { ...toModel(workspace, kept, baseScores), history: progress.history, bestRound }
    },
  }
}

function treeMeaning({ job, layout, float32 }: Workspace): TreeMeaning {
  return {
    outputCount: job.objective.outputCount,
    valueScale: job.objective.targetScale,
    cutOf: (feature, bin) => float32[layout.cuts / 4 + feature * 256 + bin]!,
    codesOf: (feature) => job.categories[feature]!.codes,
  }
}

function toModel(
  { job }: Workspace,
  trees: Trees,
  baseScores: readonly number[],
): Omit<BoostingModel, 'history' | 'bestRound'> {
  const { targetOffset, targetScale } = job.objective
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
  }
}

/** Bins all rows and sets targets, weights and starting scores. */
function loadRows(workspace: Workspace, team: ThreadTeam): void {
  const { job, layout } = workspace
  const features = Array.from({ length: layout.featureCount }, (_, feature): [number] => [feature])
  team.run('cutFeature', features, job.train.rowCount * layout.featureCount)
  writeCellTables(workspace)
  loadOne(workspace, team, TRAIN_ROWS, job.train, layout.train)
  listRows(workspace, team)
  if (job.folds !== undefined) workspace.bytes.set(job.folds.ofRow, layout.folds)
  if (job.rules.directions !== undefined) workspace.int32.set(job.rules.directions, layout.directions / 4)
  if (job.validation !== undefined && layout.validation !== undefined)
    loadOne(workspace, team, VALIDATION_ROWS, job.validation, layout.validation)
}

function listRows({ layout, kernels }: Workspace, team: ThreadTeam): void {
  const { rowCount } = layout.train
  const calls = layout.listBlocks.flatMap((_, block) => binRanges(rowCount).map((range) => [block, ...range] as const))
  const work = rowCount * layout.featureCount
  team.run('countRowLists', calls, work)
  for (const { starts } of layout.listBlocks) kernels.startLists(starts, rowCount)
  team.run('fillRowLists', calls, work)
}

/** Ranges of rows that one call of binning takes on. */
function binRanges(rowCount: number): [begin: number, end: number][] {
  const size = roundUp(Math.ceil(rowCount / BIN_CALLS), BIN_CHUNK_ROWS)
  return Array.from({ length: Math.ceil(rowCount / size) }, (_, i) => [i * size, Math.min(rowCount, (i + 1) * size)])
}

function loadOne(workspace: Workspace, team: ThreadTeam, which: number, rows: TrainingRows, to: RowsLayout): void {
  const calls = binRanges(rows.rowCount).map((range) => [which, ...range] as const)
  team.run('binRowRange', calls, rows.rowCount * rows.features.length)
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
