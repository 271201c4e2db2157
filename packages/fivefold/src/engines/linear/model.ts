import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import type { FeatureMatrix, Predictions } from '../../data/index.ts'
import { addProducts } from './kernels.ts'
import { sigmoid, softmaxInPlace } from './losses.ts'
import { type LinearParams, parseLinearParams } from './params.ts'

/** A trained linear model: scores are `intercepts[k] + sum_j coefficients[k * features + j] * x_j`. */
export interface LinearModel {
  readonly kind: 'binary' | 'multinomial' | 'regression'
  /** Empty for regression. */
  readonly classes: readonly string[]
  readonly featureNames: readonly string[]
  /** Row-major [scores x features]; one score for binary (of the second class) and regression, else one a class. */
  readonly coefficients: Float64Array
  readonly intercepts: Float64Array
  /** Standard deviation of each feature over the training rows; coefficient times scale compares across features. */
  readonly scales: Float64Array
  readonly params: LinearParams
  readonly iterations: number
  /** False where `maxIterations` ended the search; the model is finite and usable all the same. */
  readonly converged: boolean
  /** Value of the minimised sum. */
  readonly objective: number
}

/** What one feature adds to the scores. */
export interface LinearCoefficient {
  readonly name: string
  /** One value a score: one for binary and regression, else one a class. */
  readonly values: readonly number[]
  readonly scale: number
}

/** The coefficients by feature, in the order of the matrix. */
export function linearCoefficients(model: LinearModel): LinearCoefficient[] {
  const { featureNames, coefficients, intercepts, scales } = model
  return featureNames.map((name, j) => ({
    name,
    values: Array.from(intercepts, (_, k) => coefficients[k * featureNames.length + j]!),
    scale: scales[j]!,
  }))
}

const ROWS_AT_ONCE = 4096

/** Probabilities or values for each row. Throws MODEL_INPUT where the features are not those of training. */
export function predictLinear(model: LinearModel, features: FeatureMatrix): Predictions {
  checkFeatures(model, features)
  const scoreCount = model.intercepts.length
  const width = model.kind === 'binary' ? 2 : scoreCount
  const output = new Float64Array(features.rowCount * width)
  const scores = new Float64Array(ROWS_AT_ONCE * scoreCount)
  for (let from = 0; from < features.rowCount; from += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, features.rowCount - from)
    for (let k = 0; k < scoreCount; k++) {
      const start = k * ROWS_AT_ONCE
      scores.fill(model.intercepts[k]!, start, start + count)
      const coefficientStart = k * features.values.length
      addProducts(scores, start, features.values, from, count, model.coefficients, coefficientStart)
    }
    for (let i = 0; i < count; i++) writeAnswer(model.kind, scores, i, output, (from + i) * width, scoreCount)
  }
  if (model.kind === 'regression') return { kind: 'number', values: output }
  return { kind: 'classes', classes: model.classes, probabilities: output }
}

function writeAnswer(
  kind: LinearModel['kind'],
  scores: Float64Array,
  i: number,
  output: Float64Array,
  at: number,
  scoreCount: number,
): void {
  if (kind === 'binary') {
    output[at] = sigmoid(-scores[i]!)
    output[at + 1] = sigmoid(scores[i]!)
    return
  }
  for (let k = 0; k < scoreCount; k++) output[at + k] = scores[k * ROWS_AT_ONCE + i]!
  if (kind === 'multinomial') softmaxInPlace(output, at, scoreCount)
}

function checkFeatures(model: LinearModel, features: FeatureMatrix): void {
  const expected = model.featureNames
  const wrong = expected.findIndex((name, j) => features.names[j] !== name)
  if (wrong < 0 && features.names.length === expected.length) return
  const place = wrong < 0 ? expected.length : wrong
  throw new FivefoldError(
    'MODEL_INPUT',
    `feature ${place} is '${features.names[place] ?? 'absent'}', the model was trained with '${expected[place] ?? 'no such feature'}'`,
  )
}

const numbers = z.array(z.number())
const linearJsonSchema = z.strictObject({
  format: z.literal('fivefold-linear/1'),
  kind: z.enum(['binary', 'multinomial', 'regression']),
  classes: z.array(z.string()),
  featureNames: z.array(z.string()),
  coefficients: numbers,
  intercepts: numbers,
  scales: numbers,
  params: z.record(z.string(), z.unknown()),
  iterations: z.number(),
  converged: z.boolean(),
  objective: z.number(),
})

/** The model as plain JSON values; `linearFromJson` reads it back to the last bit. */
export function linearToJson(model: LinearModel): z.infer<typeof linearJsonSchema> {
  return {
    format: 'fivefold-linear/1',
    ...model,
    classes: [...model.classes],
    featureNames: [...model.featureNames],
    coefficients: [...model.coefficients],
    intercepts: [...model.intercepts],
    scales: [...model.scales],
  }
}

/** Throws TRAIN_INPUT where the value is not what `linearToJson` wrote. */
export function linearFromJson(json: unknown): LinearModel {
  const parsed = linearJsonSchema.safeParse(json)
  if (!parsed.success) throw notAModel(z.prettifyError(parsed.error))
  const { format: _, params, coefficients, intercepts, scales, ...rest } = parsed.data
  const scoreCount = rest.kind === 'multinomial' ? rest.classes.length : 1
  const complete =
    intercepts.length === scoreCount &&
    coefficients.length === scoreCount * rest.featureNames.length &&
    scales.length === rest.featureNames.length
  if (!complete) throw notAModel('the numbers of coefficients, classes and features do not agree')
  return {
    ...rest,
    coefficients: Float64Array.from(coefficients),
    intercepts: Float64Array.from(intercepts),
    scales: Float64Array.from(scales),
    params: parseLinearParams(params),
  }
}

const notAModel = (reason: string): FivefoldError =>
  new FivefoldError('TRAIN_INPUT', `not a saved linear model: ${reason}`)
