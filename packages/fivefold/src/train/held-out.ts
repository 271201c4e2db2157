import type { Predictions, Target } from '../data/index.ts'
import { takeTargetRows } from '../data/index.ts'
import type { Problem } from '../problem/index.ts'
import type { Fold } from './fold-data.ts'

/** Predictions for rows that the predicting model was not trained on, with the rows they belong to. */
export interface HeldOut {
  /** Rows of the training frame, in the order of the predictions. */
  readonly rows: Uint32Array
  readonly predictions: Predictions
}

/** Joins the predictions of all folds. */
export function joinHeldOut(problem: Problem, folds: readonly Fold[], parts: readonly Predictions[]): HeldOut {
  const rows = concatenate(
    folds.map((fold) => fold.validation),
    Uint32Array,
  )
  const first = parts[0]!
  if (first.kind === 'number') {
    return { rows, predictions: { kind: 'number', values: concatenate(parts.map(numbersOf), Float64Array) } }
  }
  const probabilities = concatenate(parts.map(probabilitiesOf), Float64Array)
  return { rows, predictions: { kind: 'classes', classes: problem.classes, probabilities } }
}

export function heldOutTarget(target: Target, heldOut: HeldOut): Target {
  return takeTargetRows(target, heldOut.rows)
}

const numbersOf = (part: Predictions): Float64Array => (part.kind === 'number' ? part.values : new Float64Array())
const probabilitiesOf = (part: Predictions): Float64Array =>
  part.kind === 'classes' ? part.probabilities : new Float64Array()

function concatenate<T extends Float64Array | Uint32Array>(parts: readonly T[], make: new (length: number) => T): T {
  const whole = new make(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
