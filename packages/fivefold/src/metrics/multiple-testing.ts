import { FivefoldError } from '../core/index.ts'

/**
 * Adjusted p-values that control the false discovery rate (Benjamini and Hochberg, 1995), in the order given: call
 * discoveries those at or below the rate that is accepted. Throws METRIC_INPUT for values outside [0, 1].
 */
export function benjaminiHochberg(pValues: ArrayLike<number>): Float64Array {
  const count = pValues.length
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => pValues[b]! - pValues[a]!)
  const adjusted = new Float64Array(count)
  let smallest = 1
  order.forEach((index, fromTop) => {
    const pValue = pValues[index]!
    if (!(pValue >= 0 && pValue <= 1)) throw new FivefoldError('METRIC_INPUT', `p-value ${index} is ${pValue}`)
    smallest = Math.min(smallest, (pValue * count) / (count - fromTop))
    adjusted[index] = smallest
  })
  return adjusted
}
