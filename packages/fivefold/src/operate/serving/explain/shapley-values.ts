import type { Rng } from '../../../core/index.ts'
import type { TensorLiteral } from '../../../onnx/index.ts'
import type { Tensors } from '../model/servable.ts'
import { rowCountOf } from '../model/tensor-batches.ts'
import { mixRows } from './mix-rows.ts'

/** A row to explain, and what it is compared with. */
export interface ExplainedRow {
  /** One row. */
  readonly row: Tensors
  /** What the model says of it. */
  readonly score: number
  /** Rows that stand for all others, in the same columns. */
  readonly background: Tensors
  /** What the model says of each of them. */
  readonly backgroundScores: ArrayLike<number>
}

export interface ShapleyValues {
  /** The mean score of the background. */
  readonly baseValue: number
  /** One a column; with the base value they sum to the score. */
  readonly contributions: Float64Array
  /** Standard errors of the contributions, from the spread over background rows. */
  readonly standardErrors: Float64Array
}

/** The model: scores of rows, one each. */
export type Score = (rows: Tensors) => Promise<ArrayLike<number>>

/** Rows that are scored at a time. */
const PIECE_ROWS = 4096

/**
 * What each column of a row adds to its score, sampled over background rows and orders of columns: Shapley values of the game in
 * which columns outside a coalition are as in a background row (Štrumbelj and Kononenko, "Explaining prediction models and
 * individual predictions with feature contributions", 2014). Each background row becomes the explained row column by column, in a
 * random order and in its reverse, which cancels much of the noise (Mitchell et al., "Sampling permutations for Shapley value
 * estimation", 2022). Every such walk leads from one score to the other, so that contributions sum up exactly.
 */
export async function shapleyValues(game: ExplainedRow, score: Score, rng: Rng): Promise<ShapleyValues> {
  const columns = Object.keys(game.row)
  const walks = walksOf(game, columns, rng)
  const steps = walks.flatMap((walk) => walk.order.slice(1).map((_, at) => ({ walk, switched: at + 1 })))
  const scores = await scoreSteps(steps, game, columns, score)
  const backgroundRows = rowCountOf(game.background)
  const earned = Array.from({ length: backgroundRows }, () => new Float64Array(columns.length))
  let at = 0
  for (const { origin, order } of walks) {
    let before = game.backgroundScores[origin]!
    order.forEach((column, step) => {
      const after = step + 1 < order.length ? scores[at++]! : game.score
      // Each background row is walked from twice.
      earned[origin]![column]! += (after - before) / 2
      before = after
    })
  }
  return { baseValue: mean(Array.from(game.backgroundScores)), ...summed(earned, columns.length) }
}

/** How a background row becomes the explained one. */
interface Walk {
  readonly origin: number
  /** Places of the columns that differ, as they are switched. */
  readonly order: readonly number[]
}

function walksOf({ row, background }: ExplainedRow, columns: readonly string[], rng: Rng): Walk[] {
  return Array.from({ length: rowCountOf(background) }, (_, origin) => {
    // What is the same in both adds nothing, wherever it comes in the order.
    const differing = columns.flatMap((name, at) => (isSame(row[name]!, background[name]!, origin) ? [] : [at]))
    const order = Array.from(rng.shuffle(Uint32Array.from(differing)))
    return [
      { origin, order },
      { origin, order: order.toReversed() },
    ]
  }).flat()
}

const isSame = (row: TensorLiteral, background: TensorLiteral, origin: number): boolean =>
  Object.is(row.data[0], background.data[origin])

interface Step {
  readonly walk: Walk
  /** How many columns are as in the explained row. */
  readonly switched: number
}

async function scoreSteps(
  steps: readonly Step[],
  { row, background }: ExplainedRow,
  columns: readonly string[],
  score: Score,
): Promise<Float64Array> {
  const scores = new Float64Array(steps.length)
  for (let from = 0; from < steps.length; from += PIECE_ROWS) {
    const piece = steps.slice(from, from + PIECE_ROWS)
    const found = await score(mixRows(row, background, columns, piece.map(sourceOf)))
    for (let i = 0; i < piece.length; i++) scores[from + i] = found[i]!
  }
  return scores
}

const sourceOf = ({ walk, switched }: Step) => ({
  from: walk.origin,
  switched: new Set(walk.order.slice(0, switched)),
})

function summed(
  earned: readonly Float64Array[],
  columnCount: number,
): Pick<ShapleyValues, 'contributions' | 'standardErrors'> {
  const contributions = new Float64Array(columnCount)
  const standardErrors = new Float64Array(columnCount)
  for (let column = 0; column < columnCount; column++) {
    const values = earned.map((row) => row[column]!)
    contributions[column] = mean(values)
    standardErrors[column] = standardError(values, contributions[column]!)
  }
  return { contributions, standardErrors }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function standardError(values: readonly number[], center: number): number {
  if (values.length < 2) return 0
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}
