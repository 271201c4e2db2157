/** Count, mean and sum of squared deviations of a stream of values: plain data, so that a stream can go on after a restart. */
export interface Moments {
  readonly count: number
  readonly mean: number
  readonly squares: number
}

export const NO_MOMENTS: Moments = { count: 0, mean: 0, squares: 0 }

/** One value more (Welford, 1962). */
export function addValue({ count, mean, squares }: Moments, value: number): Moments {
  const gap = value - mean
  const moved = mean + gap / (count + 1)
  return { count: count + 1, mean: moved, squares: squares + gap * (value - moved) }
}

/** Unbiased sample variance; 0 below two values. */
export function sampleVariance({ count, squares }: Moments): number {
  return count < 2 ? 0 : squares / (count - 1)
}

/** Moments of a stream of pairs: a metric `y` and what was known of the unit before, `x`. */
export interface PairMoments {
  readonly count: number
  readonly meanX: number
  readonly meanY: number
  readonly squaresX: number
  readonly squaresY: number
  /** Sum of products of deviations. */
  readonly products: number
}

export const NO_PAIR_MOMENTS: PairMoments = { count: 0, meanX: 0, meanY: 0, squaresX: 0, squaresY: 0, products: 0 }

/** One pair more. */
export function addPair(moments: PairMoments, x: number, y: number): PairMoments {
  const count = moments.count + 1
  const gapX = x - moments.meanX
  const gapY = y - moments.meanY
  const meanX = moments.meanX + gapX / count
  const meanY = moments.meanY + gapY / count
  return {
    count,
    meanX,
    meanY,
    squaresX: moments.squaresX + gapX * (x - meanX),
    squaresY: moments.squaresY + gapY * (y - meanY),
    products: moments.products + gapX * (y - meanY),
  }
}
