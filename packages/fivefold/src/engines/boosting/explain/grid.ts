import { FivefoldError } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'

/** So that the grid of two features stays below a million points. */
const MOST_VALUES = 1000

/**
 * Values of a feature at which to look: all of the sample's distinct ones where they are few, else quantiles of it; of
 * categories the most frequent codes. In ascending order.
 * @throws OPTION_INVALID for a size below two or above a thousand, MODEL_INPUT where the sample holds no value of the feature
 */
export function gridOf(model: BoostingModel, sample: FeatureMatrix, feature: number, size: number): Float32Array {
  if (!(Number.isInteger(size) && size >= 2 && size <= MOST_VALUES))
    throw new FivefoldError('OPTION_INVALID', `partial dependence: gridSize is ${size}, expected 2 to ${MOST_VALUES}`)
  const values = sample.values[feature]!.filter((value) => Number.isFinite(value)).sort()
  if (values.length === 0)
    throw new FivefoldError(
      'MODEL_INPUT',
      `partial dependence: '${sample.names[feature]}' has no value in the sample`,
      {
        remedy: 'Pass a grid, or a sample with values of the feature.',
      },
    )
  const counts = countDistinct(values)
  const isCategorical = model.categoricalFeatures.includes(model.featureNames[feature]!)
  if (counts.length <= size) return Float32Array.from(counts, ([value]) => value)
  if (!isCategorical) return quantilesOf(values, size)
  const frequent = counts.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, size)
  return Float32Array.from(frequent, ([value]) => value).sort()
}

/** Of ascending values. */
function countDistinct(values: Float32Array): [value: number, count: number][] {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts]
}

function quantilesOf(values: Float32Array, size: number): Float32Array {
  const ranks = Array.from({ length: size }, (_, i) => Math.round((i / (size - 1)) * (values.length - 1)))
  return Float32Array.from(new Set(ranks.map((rank) => values[rank]!)))
}

/** Row-major [points x grids], the last grid varying fastest. */
export function crossGrids([first, second]: readonly Float32Array[]): Float32Array {
  if (second === undefined) return Float32Array.from(first!)
  const points = new Float32Array(first!.length * second.length * 2)
  for (let i = 0; i < points.length / 2; i++) {
    points[i * 2] = first![Math.floor(i / second.length)]!
    points[i * 2 + 1] = second[i % second.length]!
  }
  return points
}
