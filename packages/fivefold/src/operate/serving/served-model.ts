import type { ColumnSchema, Frame, Predictions } from '../../data/index.ts'

/** A raw column that the model takes, with what is known about it beyond its type. */
export interface ServedColumn extends Pick<ColumnSchema, 'name' | 'type' | 'tensor' | 'nullable'> {
  /** What the column means, in words. */
  readonly meaning?: string
  /** Smallest and largest value of training; values beyond are served all the same. Datetimes: epoch milliseconds. */
  readonly range?: readonly [number, number]
  /** Values of training, most frequent first; others are served all the same. */
  readonly categories?: readonly string[]
}

/** What a model answers. For two classes the second is the positive one. */
export type ServedOutput =
  | { readonly task: 'classification'; readonly target: string; readonly classes: readonly string[] }
  | { readonly task: 'regression'; readonly target: string }

export interface ServedPredictions {
  readonly predictions: Predictions
  /** The class chosen for each row; absent for regression, and where the most probable class is the choice. */
  readonly labels?: readonly string[]
}

/** A model as the server sees it: a description and a function from raw columns to predictions. */
export interface ServedModel {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly inputs: readonly ServedColumn[]
  readonly output: ServedOutput
  /** A row that the model takes, for documentation; made from `inputs` where absent. */
  readonly example?: Readonly<Record<string, JsonScalar>>
  /** `frame` holds the columns of `inputs`. Rows come back in the same order. */
  predict(frame: Frame): Promise<ServedPredictions>
}

export type JsonScalar = string | number | boolean | null

/** The class of each row: the model's own choice (which knows its threshold), else the most probable one. */
export function labelsOf({ predictions, labels }: ServedPredictions): readonly string[] {
  if (labels) return labels
  if (predictions.kind === 'number') return []
  const { classes, probabilities } = predictions
  return Array.from({ length: probabilities.length / classes.length }, (_, row) => {
    const first = row * classes.length
    let best = 0
    for (let k = 1; k < classes.length; k++) if (probabilities[first + k]! > probabilities[first + best]!) best = k
    return classes[best]!
  })
}

/** A plausible row: the middle of each range, the most frequent category. */
export function exampleRow(model: ServedModel): Readonly<Record<string, JsonScalar>> {
  return model.example ?? Object.fromEntries(model.inputs.map((column) => [column.name, exampleValue(column)]))
}

function exampleValue({ type, tensor, nullable, range, categories }: ServedColumn): JsonScalar {
  if (tensor === 'string') return categories?.[0] ?? (type === 'constant' && nullable ? null : 'a')
  if (type === 'boolean' || tensor === 'bool') return true
  const middle = range ? (range[0] + range[1]) / 2 : undefined
  if (type === 'datetime') return new Date(middle ?? Date.UTC(2025, 0, 1)).toISOString()
  const isWhole = tensor === 'int64' || type === 'integer'
  return isWhole ? Math.round(middle ?? 1) : Number((middle ?? 1).toPrecision(4))
}
