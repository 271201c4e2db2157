import { FivefoldError } from '../../../core/index.ts'
import { allocateFeature, type FeatureMatrix } from '../../../data/index.ts'

/**
 * Zeros in memory that threads share.
 *
 * @param shape whose product is the number of values
 * @throws MODEL_INPUT where there is no room for them
 */
export function allocateValues(shape: readonly number[]): Float64Array {
  const sizeBytes = shape.reduce((product, length) => product * length, 8)
  try {
    return new Float64Array(new SharedArrayBuffer(sizeBytes))
  } catch (cause) {
    const gib = (sizeBytes / 2 ** 30).toFixed(1)
    throw new FivefoldError('MODEL_INPUT', `explaining so many rows at once takes ${gib} GiB`, {
      remedy: 'Explain fewer rows at a time.',
      cause,
    })
  }
}

/** The same features where they are shared already, else shared copies. */
export function shareMatrix(matrix: FeatureMatrix): FeatureMatrix {
  return { ...matrix, values: matrix.values.map(shareColumn) }
}

function shareColumn(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values
  const shared = allocateFeature(values.length)
  shared.set(values)
  return shared
}
