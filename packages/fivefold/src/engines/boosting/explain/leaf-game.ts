import type { LeafPath } from './leaf-path.ts'

/**
 * The game whose Shapley values explain a leaf: players are the features on its path; the worth of a coalition is the
 * leaf's value times the probability to reach it, with the coalition's features as in the row and the others drawn
 * from what the explanation compares with. A tree is the sum of its leaves, and so are its values.
 */
export interface LeafGame {
  /** How many columns of sums there are for `featureCount` features. */
  columnCount(featureCount: number): number
  /**
   * Writes the columns that the path's values are added to, in the order in which `evaluate` gives them; returns how many
   * there are.
   */
  columnsOf(path: LeafPath, featureCount: number, columns: number[]): number
  /** Begins with a leaf. */
  open(path: LeafPath, value: number, backgroundPatterns: BackgroundPatterns): void
  /**
   * Values of a row, from `at` on, one a column.
   *
   * @param strays 1 for each feature of the path by which the row strays from it
   */
  evaluate(strays: Uint8Array, out: Float64Array, at: number): void
}

/** Background rows by how they stray from a path: positions of the features by which they do, and how many rows do so. */
export type BackgroundPatterns = readonly { readonly positions: readonly number[]; readonly weight: number }[]

/** `columnsOf` where each feature has a column. */
export function featureColumns(path: LeafPath, _featureCount: number, columns: number[]): number {
  for (let i = 0; i < path.count; i++) columns[i] = path.features[i]!
  return path.count
}
