import type { ServedPredictions } from './served-model.ts'

/** The rows [start, end) of what a model said. */
export function slicePredictions(
  { predictions, labels }: ServedPredictions,
  start: number,
  end: number,
): ServedPredictions {
  const chosen = labels ? { labels: labels.slice(start, end) } : {}
  if (predictions.kind === 'number')
    return { predictions: { kind: 'number', values: predictions.values.slice(start, end) }, ...chosen }
  const width = predictions.classes.length
  const probabilities = predictions.probabilities.slice(start * width, end * width)
  return { predictions: { ...predictions, probabilities }, ...chosen }
}
