import { chiSquareTest, normalQuantile } from '../../metrics/index.ts'
import type { Comparison } from './comparison.ts'
import { detectableOrNull, type Effect, effectiveSize, POWER_Z, type TestPlan } from './finding.ts'
import { hypergeometricPValue } from './hypergeometric.ts'
import { sequentialPValue } from './monte-carlo.ts'
import { referenceVariation } from './reference-variation.ts'

const PERMUTE_UP_TO_ROWS = 5000
/** Below this an expected count makes the chi-square distribution a poor approximation (Cochran, 1954). */
const ENOUGH_EXPECTED = 5
/** More than these and the test only loses power. */
const MAX_BUCKETS = 5000

/**
 * Test of homogeneity of two samples of category codes. Two categories: exact. More: chi-square, with its null
 * distribution drawn by permutation where counts are small; categories too rare to be counted on are taken together.
 */
export function compareCategories(
  reference: Int32Array,
  current: Int32Array,
  categories: number,
  plan: TestPlan,
): Comparison | undefined {
  if (reference.length === 0 || current.length === 0) return undefined
  const { bucketOf, buckets } = bucketRareCategories(reference, current, categories)
  if (buckets < 2) return undefined
  const referenceBuckets = reference.map((code) => bucketOf[code]!)
  const currentBuckets = current.map((code) => bucketOf[code]!)
  const counts = [countCodes(referenceBuckets, buckets), countCodes(currentBuckets, buckets)] as const
  const size = effectiveSize(reference.length, current.length)
  return {
    ...homogeneity(counts, referenceBuckets, currentBuckets, plan),
    effectUnit: 'totalVariation',
    ...totalVariationEffect(...counts),
    referenceVariation: referenceVariation(referenceBuckets, plan, (chunk, rest) =>
      totalVariationEffect(countCodes(chunk, buckets), countCodes(rest, buckets)),
    ),
    detectableEffect: (level) => detectableOrNull(detectableVariation(level, buckets - 1, size)),
  }
}

/** Exact two-sided test that a mark (1, else 0) is as frequent in both samples. */
export function compareShares(reference: Int32Array, current: Int32Array, plan: TestPlan): Comparison | undefined {
  const [n, m] = [reference.length, current.length]
  const [a, b] = [countMarks(reference), countMarks(current)]
  if (n === 0 || m === 0 || a + b === 0 || a + b === n + m) return undefined
  const effect = shareEffect(reference, current)
  return {
    method: 'exact hypergeometric',
    statistic: b / m - a / n,
    pValue: hypergeometricPValue(b, m, a + b, n + m),
    effectUnit: 'missingShare',
    ...effect,
    referenceVariation: referenceVariation(reference, plan, shareEffect),
    detectableEffect: (level) => detectableOrNull((normalQuantile(1 - level / 2) + POWER_Z) * effect.ofSampling),
  }
}

function shareEffect(reference: Int32Array, current: Int32Array): Effect {
  const [n, m] = [reference.length, current.length]
  const [a, b] = [countMarks(reference), countMarks(current)]
  const share = (a + b) / (n + m)
  const ofSampling = Math.sqrt((share * (1 - share)) / effectiveSize(n, m))
  return { effect: Math.abs(a / n - b / m), ofSampling, noiseLimit: 2.81 * ofSampling }
}

function countMarks(flags: Int32Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0)
}

type Counts = readonly [Float64Array, Float64Array]

type Outcome = Pick<Comparison, 'method' | 'statistic' | 'pValue'>

function homogeneity(counts: Counts, reference: Int32Array, current: Int32Array, plan: TestPlan): Outcome {
  const [n, m] = [reference.length, current.length]
  if (counts[0].length === 2) {
    const pValue = hypergeometricPValue(counts[1][1]!, m, counts[0][1]! + counts[1][1]!, n + m)
    return { method: 'exact hypergeometric', statistic: counts[1][1]! / m - counts[0][1]! / n, pValue }
  }
  const { statistic, pValue, method } = chiSquareTest(...counts, { permutations: 0 })
  if (method === 'asymptotic') return { method: 'chi-square', statistic, pValue }
  const pool = Int32Array.of(...reference, ...current)
  const draw = (): number => permutedChiSquare(plan.rng.shuffle(pool), counts, n)
  return { method: 'chi-square, Monte Carlo', statistic, pValue: sequentialPValue(statistic, draw, plan.maxDraws) }
}

function permutedChiSquare(pool: Int32Array, [a, b]: Counts, n: number): number {
  const drawn = countCodes(pool.subarray(0, n), a.length)
  let sum = 0
  for (let k = 0; k < drawn.length; k++) {
    const both = a[k]! + b[k]!
    const expected = (both * n) / pool.length
    // Both cells of a category deviate by the same count.
    sum += (drawn[k]! - expected) ** 2 * (1 / expected + 1 / (both - expected))
  }
  return sum
}

/**
 * Category code -> bucket. Which categories are pooled is decided from both samples together, so that it says nothing
 * of their difference. Where permutation is affordable, an expected count of one is enough to stand alone.
 */
function bucketRareCategories(
  reference: Int32Array,
  current: Int32Array,
  categories: number,
): { bucketOf: Int32Array; buckets: number } {
  const [n, m] = [reference.length, current.length]
  const pooled = countCodes(reference, categories)
  for (const code of current) pooled[code]!++
  const present = [...pooled.keys()].filter((code) => pooled[code]! > 0)
  const needed = present.length <= 2 ? 0 : n + m <= PERMUTE_UP_TO_ROWS ? 1 : ENOUGH_EXPECTED
  const leastCount = (needed * (n + m)) / Math.min(n, m)
  const frequent = present
    .filter((code) => pooled[code]! >= leastCount)
    .sort((a, b) => pooled[b]! - pooled[a]!)
    .slice(0, MAX_BUCKETS)
  const rareRows = n + m - frequent.reduce((sum, code) => sum + pooled[code]!, 0)
  // What is left over joins the least frequent bucket where it is too rare to be one.
  const rareBucket = rareRows >= Math.max(1, leastCount) ? frequent.length : Math.max(0, frequent.length - 1)
  const bucketOf = new Int32Array(categories).fill(rareBucket)
  for (const [bucket, code] of frequent.entries()) bucketOf[code] = bucket
  return { bucketOf, buckets: Math.max(rareBucket + 1, frequent.length) }
}

function countCodes(codes: Int32Array, categories: number): Float64Array {
  const counts = new Float64Array(categories)
  for (const code of codes) counts[code]!++
  return counts
}

/** Half the sum of |p - q|, with its mean and spread where both samples are of one distribution. */
function totalVariationEffect(a: Float64Array, b: Float64Array): Effect {
  const [n, m] = [total(a), total(b)]
  if (n === 0 || m === 0) return { effect: 0, ofSampling: 0, noiseLimit: 0 }
  const size = effectiveSize(n, m)
  let effect = 0
  let mean = 0
  let variance = 0
  for (let k = 0; k < a.length; k++) {
    effect += Math.abs(a[k]! / n - b[k]! / m) / 2
    const share = (a[k]! + b[k]!) / (n + m)
    const cell = (share * (1 - share)) / size
    mean += Math.sqrt((2 * cell) / Math.PI) / 2
    variance += (cell * (1 - 2 / Math.PI)) / 4
  }
  // Two categories deviate as one: their spreads add up instead of averaging out.
  const spread = Math.sqrt(variance * (a.length === 2 ? 2 : 1))
  return { effect, ofSampling: mean, noiseLimit: mean + 3.3 * spread }
}

function total(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/**
 * Total variation whose noncentral chi-square passes the critical value with power 0.8: both by the normal approximation
 * with the quantile of Wilson and Hilferty (1931), and TV = w/2 for a shift spread evenly.
 */
function detectableVariation(level: number, degrees: number, size: number): number {
  const critical = degrees * (1 - 2 / (9 * degrees) + normalQuantile(1 - level) * Math.sqrt(2 / (9 * degrees))) ** 3
  let noncentrality = Math.max(1, critical - degrees)
  for (let step = 0; step < 50; step++)
    noncentrality = Math.max(0, critical - degrees + POWER_Z * Math.sqrt(2 * (degrees + 2 * noncentrality)))
  return Math.sqrt(noncentrality / size) / 2
}
