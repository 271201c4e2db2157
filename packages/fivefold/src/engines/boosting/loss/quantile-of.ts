/**
 * The value below which `share` of the weight lies; between two values in proportion, as NumPy's default, where rows
 * weigh the same. Sorts `values` where there are no weights.
 */
export function quantileOf(values: Float64Array, weights: Float64Array | undefined, share: number): number {
  if (values.length === 0) return 0
  if (weights === undefined) {
    values.sort()
    const position = share * (values.length - 1)
    const low = Math.floor(position)
    const above = values[Math.min(low + 1, values.length - 1)]!
    return values[low]! + (position - low) * (above - values[low]!)
  }
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let below = 0
  for (const index of order) {
    below += weights[index]!
    if (below >= share * total && below > 0) return values[index]!
  }
  return values[order.at(-1)!]!
}
