import { labelsOf, type ServedModel, type ServedPredictions } from './served-model.ts'

/** One row's answer of `POST /predict`. */
export type PredictionBody =
  | { readonly label: string; readonly probabilities: Readonly<Record<string, number | null>> }
  | { readonly prediction: number | null }

export interface PredictBody {
  readonly model: string
  readonly version: string
  readonly predictions: readonly PredictionBody[]
  readonly requestId: string
  /** Absent where there are none. */
  readonly warnings?: readonly string[]
}

/** JSON of an answer. A number that is not finite becomes null. */
export function encodePredictions(
  model: ServedModel,
  served: ServedPredictions,
  requestId: string,
  warnings: readonly string[],
): string {
  const { name, version } = model
  const body: PredictBody = { model: name, version, predictions: bodies(served), requestId }
  return JSON.stringify(warnings.length > 0 ? { ...body, warnings } : body)
}

function bodies(served: ServedPredictions): PredictionBody[] {
  const { predictions } = served
  if (predictions.kind === 'number') return Array.from(predictions.values, (prediction) => ({ prediction }))
  const { classes, probabilities } = predictions
  return labelsOf(served).map((label, row) => ({
    label,
    probabilities: Object.fromEntries(classes.map((name, k) => [name, probabilities[row * classes.length + k]!])),
  }))
}
