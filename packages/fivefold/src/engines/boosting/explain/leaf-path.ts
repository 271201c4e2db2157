/** The way from the root to a node, with each of its features once however often it was tested. */
export interface LeafPath {
  /** How many features there are; the arrays may be longer. */
  count: number
  readonly features: number[]
  /** For each feature the share of training rows that its splits let pass, by cover. */
  readonly shares: number[]
}

export function emptyPath(): LeafPath {
  return { count: 0, features: [], shares: [] }
}

export function copyPath(from: LeafPath, into: LeafPath): void {
  into.count = from.count
  for (let i = 0; i < from.count; i++) {
    into.features[i] = from.features[i]!
    into.shares[i] = from.shares[i]!
  }
}

/** -1 where the path does not test the feature. */
export function positionOf({ count, features }: LeafPath, feature: number): number {
  for (let i = 0; i < count; i++) if (features[i] === feature) return i
  return -1
}

/**
 * Goes one split further.
 *
 * @param share of the training rows at the split that went this way
 * @returns the position of the split's feature
 */
export function extendPath(path: LeafPath, feature: number, share: number): number {
  const known = positionOf(path, feature)
  if (known >= 0) {
    path.shares[known]! *= share
    return known
  }
  path.features[path.count] = feature
  path.shares[path.count] = share
  return path.count++
}
