import { goesLeft, type Trees } from '../model/trees.ts'

/** One split on the way to a node, linked to the one before it. */
interface Step {
  readonly node: number
  readonly isLeft: boolean
  /** Position of the split's feature among the path's features. */
  readonly position: number
  readonly before: Step | undefined
}

/** The way from the root to a node, with each of its features once however often it was tested. */
export interface LeafPath {
  readonly features: readonly number[]
  /** For each feature the share of training rows that its splits let pass, by cover. */
  readonly shares: readonly number[]
  readonly last: Step | undefined
}

export const ROOT_PATH: LeafPath = { features: [], shares: [], last: undefined }

/** @param share of the training rows at `node` that went this way */
export function extendPath(path: LeafPath, feature: number, node: number, isLeft: boolean, share: number): LeafPath {
  const known = path.features.indexOf(feature)
  const position = known < 0 ? path.features.length : known
  const last = { node, isLeft, position, before: path.last }
  if (known < 0) return { features: [...path.features, feature], shares: [...path.shares, share], last }
  const shares = path.shares.with(position, path.shares[position]! * share)
  return { features: path.features, shares, last }
}

/** Marks with 1 each feature of the path by which a row strays from it. */
export function findStrays(
  path: LeafPath,
  trees: Trees,
  columns: readonly Float32Array[],
  row: number,
  strays: Uint8Array,
): void {
  strays.fill(0, 0, path.features.length)
  for (let step = path.last; step !== undefined; step = step.before) {
    const value = columns[trees.feature[step.node]!]![row]!
    if (goesLeft(trees, step.node, value) !== step.isLeft) strays[step.position] = 1
  }
}
