import { createRng, type Rng } from '../../../core/index.ts'
import { TRAIN_ROWS, VALIDATION_ROWS } from '../binning/binning.ts'
import { leafValues } from '../grower/leaf-values.ts'
import { growTree } from '../grower/tree-grower.ts'
import { BIN_CHUNK_ROWS, type RowsLayout } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import { floatsAt, type Workspace } from '../kernels/workspace.ts'
import { writeGradients } from '../loss/gradients.ts'
import { updatePredictions } from '../loss/loss.ts'
import type { BoostingModel } from '../model/model.ts'
import { flattenTrees, type ValuedTree } from '../model/trees.ts'
import { addToTrainingScores, addToValidationScores } from './score-update.ts'
import type { TrainingRows } from './training-job.ts'

export interface RoundReport {
  /** Counted from 1. */
  readonly round: number
  readonly trainLoss: number
  readonly validationLoss: number | undefined
}

export interface TrainerHooks {
  /** Called after each round. */
  onRound(report: RoundReport): void
  /** Called before each round and each split; throws to stop. */
  checkCancelled(): void
}

/** Rows of binning that one call takes on. */
const BIN_CALL_ROWS = 16 * BIN_CHUNK_ROWS

/**
 * Trains a model in the calling thread, with the help of the team's others. The result is a function of the job alone.
 */
export function trainInWorkspace(workspace: Workspace, team: ThreadTeam, hooks: TrainerHooks): BoostingModel {
  const { job, layout } = workspace
  hooks.checkCancelled()
  loadRows(workspace, team)
  const rng = createRng(job.seed, 'boosting/rounds')
  const trees: ValuedTree[] = []
  const losses = createLossTracker(workspace, team)
  for (let round = 1; round <= job.params.rounds; round++) {
    hooks.checkCancelled()
    for (let output = 0; output < job.objective.outputCount; output++)
      trees.push(growOneTree(workspace, team, output, rng, hooks))
    const report = losses.measure(round)
    hooks.onRound(report)
    if (losses.shouldStop(round)) break
  }
  const { outputCount, targetOffset, targetScale } = job.objective
  const keptRounds = job.params.earlyStoppingRounds > 0 ? losses.bestRound() : trees.length / outputCount
  const cutOf = (feature: number, bin: number): number => workspace.float32[layout.cuts / 4 + feature * 256 + bin]!
  return {
    kind: 'boosting',
    featureNames: job.featureNames,
    objective: job.objective.name,
    classes: job.classes,
    categoricalFeatures: [],
    baseScores: job.objective.baseScores.map((score) => targetOffset + targetScale * score),
    trees: flattenTrees(trees.slice(0, keptRounds * outputCount), outputCount, targetScale, cutOf),
    params: job.params,
    history: losses.history,
    bestRound: losses.bestRound(),
  }
}

/** Bins all rows and sets targets, weights and starting scores. */
function loadRows(workspace: Workspace, team: ThreadTeam): void {
  const { job, layout } = workspace
  const features = Array.from({ length: layout.featureCount }, (_, feature): [number] => [feature])
  team.run('cutFeature', features, job.train.rowCount * layout.featureCount)
  loadOne(workspace, team, TRAIN_ROWS, job.train, layout.train)
  if (job.weights !== undefined) floatsAt(workspace, layout.train.weights, job.train.rowCount).set(job.weights)
  if (job.validation !== undefined && layout.validation !== undefined)
    loadOne(workspace, team, VALIDATION_ROWS, job.validation, layout.validation)
}

function loadOne(workspace: Workspace, team: ThreadTeam, which: number, rows: TrainingRows, to: RowsLayout): void {
  const ranges: [number, number, number][] = []
  for (let row = 0; row < rows.rowCount; row += BIN_CALL_ROWS)
    ranges.push([which, row, Math.min(rows.rowCount, row + BIN_CALL_ROWS)])
  team.run('binRowRange', ranges, rows.rowCount * rows.features.length)
  floatsAt(workspace, to.targets, rows.rowCount).set(rows.targets)
  for (const [output, score] of workspace.job.objective.baseScores.entries())
    floatsAt(workspace, to.scores + output * to.outputBytes, rows.rowCount).fill(score)
}

function growOneTree(
  workspace: Workspace,
  team: ThreadTeam,
  output: number,
  rng: Rng,
  hooks: TrainerHooks,
): ValuedTree {
  const { job, layout } = workspace
  const { rowCount } = layout.train
  chooseFeatures(workspace, rng)
  const scale = writeGradients(workspace, team, output, drawSeed(rng))
  const sampleCount = job.params.rowSample < 1 ? sampleRecords(workspace, drawSeed(rng)) : rowCount
  const nodes = growTree(workspace, team, sampleCount, scale, hooks.checkCancelled)
  const tree = { nodes, values: leafValues(workspace, team, nodes, scale, output) }
  addToTrainingScores(workspace, team, tree, output, sampleCount)
  if (layout.validation !== undefined) addToValidationScores(workspace, team, tree, output)
  return tree
}

const drawSeed = (rng: Rng): number => rng.int(2 ** 32)

/** Hides the features that the next tree may not use, by telling the split search that they have no bins. */
function chooseFeatures(workspace: Workspace, rng: Rng): void {
  const { layout, int32, job } = workspace
  const binCounts = int32.subarray(layout.binCounts / 4, layout.binCounts / 4 + layout.featureCount)
  const active = int32.subarray(layout.activeBinCounts / 4, layout.activeBinCounts / 4 + layout.featureCount)
  active.set(binCounts)
  if (job.params.columnSample === 1) return
  const shuffled = rng.shuffle(Array.from({ length: layout.featureCount }, (_, feature) => feature))
  const kept = Math.max(1, Math.round(job.params.columnSample * layout.featureCount))
  for (const feature of shuffled.slice(kept)) active[feature] = 0
}

/** Brings the records of a random sample of rows to the front; at least one row is in it. */
function sampleRecords({ kernels, layout, job }: Workspace, seed: number): number {
  const { rowCount } = layout.train
  const threshold = Math.floor(job.params.rowSample * 2 ** 32)
  return Math.max(1, kernels.separateSample(layout.records, rowCount, layout.recordScratch, seed, threshold))
}

interface LossTracker {
  readonly history: { readonly train: number[]; readonly validation: number[] }
  measure(round: number): RoundReport
  bestRound(): number
  shouldStop(round: number): boolean
}

/** Follows the losses, and decides when they have not fallen for long enough. */
function createLossTracker(workspace: Workspace, team: ThreadTeam): LossTracker {
  const { job, layout } = workspace
  const history = { train: [] as number[], validation: [] as number[] }
  const trainWeight = job.weights?.reduce((sum, weight) => sum + weight, 0) ?? job.train.rowCount
  // The first gradients need predictions too.
  updatePredictions(workspace, team, layout.train, trainWeight)
  let best = 0
  return {
    history,
    measure: (round) => {
      const trainLoss = updatePredictions(workspace, team, layout.train, trainWeight)
      history.train.push(trainLoss)
      if (layout.validation === undefined) {
        best = round
        return { round, trainLoss, validationLoss: undefined }
      }
      const validationLoss = updatePredictions(workspace, team, layout.validation, layout.validation.rowCount)
      history.validation.push(validationLoss)
      if (best === 0 || validationLoss < history.validation[best - 1]!) best = round
      return { round, trainLoss, validationLoss }
    },
    bestRound: () => best,
    shouldStop: (round) => job.params.earlyStoppingRounds > 0 && round - best >= job.params.earlyStoppingRounds,
  }
}
