import type { FeatureMatrix } from '../../../data/index.ts'
import { scoreRows } from '../predictor/score-rows.ts'
import { createBackgroundGame } from './background-game.ts'
import { additivityLimits, checkAdditivity } from './check-additivity.ts'
import { createCoverGame, createCoverInteractionGame, pairColumn } from './cover-game.ts'
import type { ExplainJobBase } from './job-base.ts'
import type { LeafGame } from './leaf-game.ts'
import { createLeafSummer } from './sum-leaves.ts'
import type { RowBlock } from './walk-tree.ts'

/** Attributions or interactions of rows, a block of rows a task. */
export interface AttributionJob extends ExplainJobBase {
  readonly kind: 'attributions'
  readonly game: 'cover' | 'coverInteractions' | 'background'
  /** Without rows except for the game against a background. */
  readonly background: FeatureMatrix
  readonly blockRows: number
  /** Row-major [rows x outputs x features], or [rows x outputs x features x features]. */
  readonly values: Float64Array
  /** Row-major [rows x outputs]: what the predictor says, which the values must sum to. */
  readonly scores: Float64Array
  /** What the values start from, one an output. */
  readonly baseValues: Float64Array
}

const GAMES: Readonly<Record<AttributionJob['game'], () => LeafGame>> = {
  cover: createCoverGame,
  coverInteractions: createCoverInteractionGame,
  background: createBackgroundGame,
}

export function createAttributionTask(job: AttributionJob, checkCancelled: () => void): (task: number) => void {
  const game = GAMES[job.game]()
  const limits = additivityLimits(job.model)
  return (task) => {
    const begin = task * job.blockRows
    const end = Math.min(begin + job.blockRows, job.features.rowCount)
    const block = takeBlock(job, begin, end)
    const { trees, baseScores } = job.model
    const summer = createLeafSummer(trees, game, block)
    for (let output = 0; output < baseScores.length; output++) {
      summer.sums.fill(0)
      for (let tree = 0; tree < trees.output.length; tree++) {
        checkCancelled()
        if (trees.output[tree] === output) summer.addTree(tree)
      }
      if (job.game === 'coverInteractions') writeInteractions(job, summer.sums, begin, end, output)
      else writeAttributions(job, summer.sums, begin, end, output)
    }
    job.scores.set(scoreRows(job.model, takeRows(job.features, begin, end)), begin * baseScores.length)
    checkAdditivity(job, limits, begin, end)
  }
}

function takeRows({ names, values }: FeatureMatrix, begin: number, end: number): FeatureMatrix {
  return { rowCount: end - begin, names, values: values.map((column) => column.subarray(begin, end)) }
}

function takeBlock({ features, background }: AttributionJob, begin: number, end: number): RowBlock {
  const columns = features.values.map((column, i) => {
    const both = new Float32Array(end - begin + background.rowCount)
    both.set(column.subarray(begin, end))
    both.set(background.values[i]!, end - begin)
    return both
  })
  return { columns, rowCount: end - begin, backgroundCount: background.rowCount }
}

type WriteSums = (job: AttributionJob, sums: Float64Array, begin: number, end: number, output: number) => void

const writeAttributions: WriteSums = ({ model, values }, sums, begin, end, output) => {
  const width = model.featureNames.length
  const outputCount = model.baseScores.length
  const rowCount = end - begin
  for (let row = 0; row < rowCount; row++) {
    const at = ((begin + row) * outputCount + output) * width
    for (let feature = 0; feature < width; feature++) values[at + feature] = sums[feature * rowCount + row]!
  }
}

/** The diagonal keeps what a feature's value holds beyond its interactions, so that each row of the matrix sums to it. */
const writeInteractions: WriteSums = ({ model, values }, sums, begin, end, output) => {
  const width = model.featureNames.length
  const outputCount = model.baseScores.length
  const rowCount = end - begin
  for (let row = 0; row < rowCount; row++) {
    const at = ((begin + row) * outputCount + output) * width * width
    for (let i = 0; i < width; i++) values[at + i * width + i] = sums[i * rowCount + row]!
    for (let i = 0; i < width; i++) {
      for (let j = i + 1; j < width; j++) {
        const value = sums[pairColumn(i, j, width) * rowCount + row]!
        values[at + i * width + j] = value
        values[at + j * width + i] = value
        values[at + i * width + i]! -= value
        values[at + j * width + j]! -= value
      }
    }
  }
}
