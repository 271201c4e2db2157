import type { ColumnSchema } from '../../../data/index.ts'

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

export type JsonScalar = string | number | boolean | null
