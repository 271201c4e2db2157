import { createRng } from '../core/index.ts'

export interface PermutationOptions {
  readonly seed?: number
  readonly permutations?: number
}

/**
 * p-value of a two-sample statistic, large meaning different, by exchanging rows between the samples at random. The
 * observed arrangement counts as one of the permutations, so the p-value is valid and never 0 (Phipson and Smyth, 2010).
 * `statistic` is given arrays that are reused between calls.
 */
export function permutationPValue(
  statistic: (first: Float64Array, second: Float64Array) => number,
  first: Float64Array,
  second: Float64Array,
  { seed = 0, permutations = 999 }: PermutationOptions = {},
): number {
  const observed = statistic(first, second)
  const pooled = new Float64Array(first.length + second.length)
  pooled.set(first)
  pooled.set(second, first.length)
  const rng = createRng(seed, 'permutation')
  const margin = 1e-12 * Math.abs(observed)
  let asExtreme = 0
  for (let permutation = 0; permutation < permutations; permutation++) {
    rng.shuffle(pooled)
    if (statistic(pooled.subarray(0, first.length), pooled.subarray(first.length)) >= observed - margin) asExtreme++
  }
  return (asExtreme + 1) / (permutations + 1)
}
