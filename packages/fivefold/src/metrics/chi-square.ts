import { createRng, FivefoldError } from '../core/index.ts'
import { addCount } from './divergence.ts'
import { drawHypergeometric } from './hypergeometric.ts'
import { chiSquareSurvival } from './special-functions.ts'

export interface ChiSquareTest {
  readonly statistic: number
  readonly degreesOfFreedom: number
  readonly pValue: number
  readonly method: 'asymptotic' | 'permutation'
  /** Root of the statistic over the rows (Cramér's V for two samples): size of the effect, in [0, 1]. */
  readonly cramersV: number
}

export interface ChiSquareOptions {
  readonly seed?: number
  /** Permutations where the asymptotic distribution does not hold. */
  readonly permutations?: number
}

/** Below this expected count the chi-square distribution is not trusted (Cochran, 1954). */
const SMALLEST_EXPECTED = 5

/**
 * Chi-square test of homogeneity of two samples of category counts. Where an expected count is below 5 the p-value comes
 * from tables with the same margins drawn at random (permutation test, exact up to its Monte Carlo error).
 * p-value 1 where a side is empty or only one category occurs. Throws METRIC_INPUT.
 */
export function chiSquareTest(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  options: ChiSquareOptions = {},
): ChiSquareTest {
  if (reference.length !== current.length)
    throw new FivefoldError('METRIC_INPUT', `counts of ${reference.length} and ${current.length} categories`)
  const table = tableOf(reference, current)
  const degreesOfFreedom = Math.max(0, table.totals.length - 1)
  if (degreesOfFreedom === 0 || table.rows[0] === 0 || table.rows[1] === 0)
    return { statistic: 0, degreesOfFreedom: 0, pValue: 1, method: 'asymptotic', cramersV: 0 }
  const statistic = statisticOf(table, table.first)
  const cramersV = Math.sqrt(statistic / (table.rows[0] + table.rows[1]))
  const smallest =
    (Math.min(...table.rows) * table.totals.reduce((a, b) => Math.min(a, b))) / (table.rows[0] + table.rows[1])
  if (smallest >= SMALLEST_EXPECTED) {
    const pValue = chiSquareSurvival(statistic, degreesOfFreedom)
    return { statistic, degreesOfFreedom, pValue, method: 'asymptotic', cramersV }
  }
  const pValue = permutedP(table, statistic, options)
  return { statistic, degreesOfFreedom, pValue, method: 'permutation', cramersV }
}

interface TwoSampleTable {
  /** Counts of the first sample, for categories that occur at all. */
  readonly first: readonly number[]
  readonly totals: readonly number[]
  readonly rows: readonly [number, number]
}

function tableOf(reference: ArrayLike<number>, current: ArrayLike<number>): TwoSampleTable {
  const first: number[] = []
  const totals: number[] = []
  for (let k = 0; k < reference.length; k++) {
    const total = addCount(addCount(0, reference[k]!), current[k]!)
    if (total === 0) continue
    first.push(reference[k]!)
    totals.push(total)
  }
  const rowsOfFirst = first.reduce((sum, count) => sum + count, 0)
  return { first, totals, rows: [rowsOfFirst, totals.reduce((sum, count) => sum + count, 0) - rowsOfFirst] }
}

function statisticOf({ totals, rows }: TwoSampleTable, first: readonly number[]): number {
  const all = rows[0] + rows[1]
  let sum = 0
  for (let k = 0; k < totals.length; k++) {
    const expected = (totals[k]! * rows[0]) / all
    const gap = first[k]! - expected
    // Both rows of a category deviate by the same count.
    sum += gap * gap * (1 / expected + 1 / (totals[k]! - expected))
  }
  return sum
}

function permutedP(table: TwoSampleTable, statistic: number, options: ChiSquareOptions): number {
  const { seed = 0, permutations = 1999 } = options
  const rng = createRng(seed, 'chi-square')
  let asExtreme = 0
  const drawn = new Array<number>(table.totals.length).fill(0)
  for (let permutation = 0; permutation < permutations; permutation++) {
    let rest = table.rows[0] + table.rows[1]
    let wanted = table.rows[0]
    for (let k = 0; k < drawn.length; k++) {
      drawn[k] = drawHypergeometric(rng, rest, table.totals[k]!, wanted)
      rest -= table.totals[k]!
      wanted -= drawn[k]!
    }
    if (statisticOf(table, drawn) >= statistic - 1e-9) asExtreme++
  }
  return (asExtreme + 1) / (permutations + 1)
}
