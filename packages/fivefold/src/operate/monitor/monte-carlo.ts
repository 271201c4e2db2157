/** Draws after which an unremarkable statistic is given up; the p-value is then exact to about a fifth of itself. */
const ENOUGH_EXCEEDANCES = 25

/**
 * p-value of `observed` against statistics drawn under the null hypothesis, by sequential Monte Carlo
 * (Besag and Clifford, 1991): valid however it stops, cheap where there is nothing to see, and as fine as `maxDraws`
 * where there is.
 */
export function sequentialPValue(observed: number, draw: () => number, maxDraws: number): number {
  let exceedances = 0
  // Equal statistics must count as equal although they were summed in another order.
  const limit = observed - Math.abs(observed) * 1e-12
  for (let draws = 1; draws <= maxDraws; draws++) {
    if (draw() >= limit) exceedances++
    if (exceedances === ENOUGH_EXCEEDANCES) return exceedances / draws
  }
  return (exceedances + 1) / (maxDraws + 1)
}

/** Draws that are needed so that one drifting aspect among `testCount` can still pass Benjamini-Hochberg. */
export function drawsNeeded(testCount: number, falseAlarmRate: number): number {
  return Math.min(200_000, Math.max(999, Math.ceil((5 * testCount) / falseAlarmRate)))
}
