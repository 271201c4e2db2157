/** Step function from score to probability, non-decreasing. */
export interface IsotonicFit {
  /** Ascending; the first score of each step. */
  readonly starts: Float64Array
  readonly values: Float64Array
}

/**
 * Isotonic regression of 0/1 outcomes on scores by pooling adjacent violators (Ayer et al., 1955). Scores ascend;
 * equal scores share a step. Weights 0 leave a row out. O(n).
 */
export function fitIsotonic(sortedScores: Float64Array, outcomes: Float64Array, weights: Float64Array): IsotonicFit {
  const starts: number[] = []
  const sums: number[] = []
  const masses: number[] = []
  for (let i = 0; i < sortedScores.length; i++) {
    const weight = weights[i]!
    if (weight === 0) continue
    const last = starts.length - 1
    if (last >= 0 && starts[last] === sortedScores[i]) {
      sums[last]! += weight * outcomes[i]!
      masses[last]! += weight
    } else {
      // A step is complete when another score comes: only then may it be pooled.
      poolViolators(starts, sums, masses)
      starts.push(sortedScores[i]!)
      sums.push(weight * outcomes[i]!)
      masses.push(weight)
    }
  }
  poolViolators(starts, sums, masses)
  return { starts: Float64Array.from(starts), values: Float64Array.from(sums, (sum, k) => sum / masses[k]!) }
}

function poolViolators(starts: number[], sums: number[], masses: number[]): void {
  for (let last = starts.length - 1; last > 0; last--) {
    if (sums[last - 1]! / masses[last - 1]! < sums[last]! / masses[last]!) return
    sums[last - 1]! += sums[last]!
    masses[last - 1]! += masses[last]!
    starts.pop()
    sums.pop()
    masses.pop()
  }
}

/** Value of the step that each score lies in; below the first step, that of the first. Scores ascend. O(n). */
export function applyIsotonic({ starts, values }: IsotonicFit, sortedScores: Float64Array): Float64Array {
  let step = 0
  return sortedScores.map((score) => {
    while (step + 1 < starts.length && starts[step + 1]! <= score) step++
    return values[step]!
  })
}
