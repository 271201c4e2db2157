import { FivefoldError } from '../../../core/index.ts'
import type { LabelledRows } from './labelled-rows.ts'

/** Leaves are float32; a margin below its largest value leaves room for sums of residuals. */
const LARGEST_TARGET = 1e37
const LARGEST_WEIGHT = 1e15

export function fail(message: string): never {
  throw new FivefoldError('TRAIN_INPUT', `boosting: ${message}`)
}

/** @throws TRAIN_INPUT where lengths differ, or a target or weight is not usable */
export function checkRows(which: string, { features, target, weights }: LabelledRows): void {
  const { rowCount, names, values } = features
  if (rowCount < 1) fail(`the ${which} data has no rows`)
  if (names.length !== values.length) fail(`${which} data: ${names.length} feature names for ${values.length} features`)
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated !== undefined) fail(`two features of the ${which} data are named '${repeated}'`)
  for (const [i, column] of values.entries()) {
    if (column.length !== rowCount)
      fail(`${which} feature '${names[i]}' has ${column.length} values, expected ${rowCount}`)
  }
  const labels = target.kind === 'classes' ? target.codes : target.values
  if (labels.length !== rowCount) fail(`the ${which} target has ${labels.length} values, expected ${rowCount}`)
  if (target.kind === 'number') checkNumbers(which, target.values)
  else checkCodes(which, target.codes, target.classes.length)
  if (weights !== undefined) checkWeights(which, weights, rowCount)
}

function checkNumbers(which: string, values: Float64Array): void {
  const row = values.findIndex((value) => !(Math.abs(value) <= LARGEST_TARGET))
  if (row < 0) return
  const limit = Number.isFinite(values[row]) ? ` of at most ${LARGEST_TARGET} in size` : ''
  fail(`the ${which} target is ${values[row]} in row ${row}; every row needs a finite value${limit}`)
}

function checkCodes(which: string, codes: Int32Array, classCount: number): void {
  const row = codes.findIndex((code) => code < 0 || code >= classCount)
  if (row >= 0) fail(`the ${which} target has class code ${codes[row]} in row ${row}, outside 0 to ${classCount - 1}`)
}

export function checkWeights(which: string, weights: Float32Array, rowCount: number): void {
  if (weights.length !== rowCount) fail(`${weights.length} weights for ${rowCount} ${which} rows`)
  const row = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY))
  if (row >= 0) fail(`the weight of ${which} row ${row} is ${weights[row]}; weights are finite and not negative`)
  if (!weights.some((weight) => weight > 0)) fail(`all ${which} weights are zero`)
  const heavy = weights.findIndex((weight) => weight > LARGEST_WEIGHT)
  if (heavy >= 0)
    fail(`the weight of ${which} row ${heavy} is ${weights[heavy]}; weights are at most ${LARGEST_WEIGHT}`)
}

/** @throws TRAIN_INPUT where validation rows are not of the training rows' kind */
export function checkSameShape(data: LabelledRows, validation: LabelledRows): void {
  checkRows('validation', validation)
  if (!sameList(data.features.names, validation.features.names))
    fail('validation features differ from training features in name or order')
  const [a, b] = [data.target, validation.target]
  const same = a.kind === 'classes' && b.kind === 'classes' ? sameList(a.classes, b.classes) : a.kind === b.kind
  if (!same) fail('the validation target differs from the training target in kind or classes')
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

/** Where each query's rows begin, and where the last one's end. */
export function queryStartsOf(which: string, { queryRows, features }: LabelledRows): Uint32Array {
  if (queryRows === undefined || queryRows.length === 0)
    fail(`the objective 'lambdarank' needs queryRows, the number of ${which} rows of each query`)
  const starts = new Uint32Array(new SharedArrayBuffer((queryRows.length + 1) * 4))
  let total = 0
  for (let query = 0; query < queryRows.length; query++) {
    const rows = queryRows[query]!
    if (!Number.isInteger(rows) || rows < 1) fail(`${which} query ${query} has ${rows} rows; each has one or more`)
    total += rows
    starts[query + 1] = total
  }
  if (total !== features.rowCount)
    fail(`the ${which} queries have ${total} rows together, the data has ${features.rowCount}`)
  return starts
}
