/**
 * Exponential moving average of a curve, with the correction for its start: weight 0 leaves it as it is, 0.99 is the
 * smoothest. Steps need not be even. Values that are not finite stay and do not enter the average.
 */
export function smooth(values: readonly number[], weight: number): number[] {
  if (weight === 0) return [...values]
  let [sum, mass] = [0, 0]
  return values.map((value) => {
    if (!Number.isFinite(value)) return value
    sum = sum * weight + value * (1 - weight)
    mass = mass * weight + (1 - weight)
    return sum / mass
  })
}
