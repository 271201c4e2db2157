import { createRng, FivefoldError } from '../../../core/index.ts'

/** Which samples an epoch has, and in which order. */
export type Sampling =
  /** All, as they come. */
  | { readonly kind: 'sequential' }
  /** All, in another order each epoch. */
  | { readonly kind: 'shuffle' }
  /** Drawn with replacement, proportionally to a weight for each sample. */
  | {
      readonly kind: 'weighted'
      readonly weights: ArrayLike<number>
      /** Samples of an epoch; default as many as there are. */
      readonly count?: number
    }

/** How many samples an epoch has. */
export function epochLength(sampling: Sampling, length: number): number {
  return sampling.kind === 'weighted' ? (sampling.count ?? length) : length
}

/**
 * The samples of an epoch in their order: a function of seed and epoch alone, so that a resumed run sees what an unbroken
 * one would have seen.
 */
export function epochOrder(sampling: Sampling, length: number, seed: number, epoch: number): Uint32Array {
  const rng = createRng(seed, `/order/${epoch}`)
  if (sampling.kind === 'weighted') return drawWeighted(sampling.weights, epochLength(sampling, length), rng.next)
  const order = Uint32Array.from({ length }, (_, i) => i)
  return sampling.kind === 'shuffle' ? rng.shuffle(order) : order
}

function drawWeighted(weights: ArrayLike<number>, count: number, next: () => number): Uint32Array {
  const sums = new Float64Array(weights.length)
  let sum = 0
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]!
    sums[i] = sum
  }
  return Uint32Array.from({ length: count }, () => firstAbove(sums, next() * sum))
}

/** Position of the first of rising sums that is above a value; samples without weight are never it. */
function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sums[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Weights with which each class is drawn as often as any other.
 * @param labels class codes, one a sample
 */
export function classBalancedWeights(labels: ArrayLike<number | bigint>): Float64Array {
  const counts = new Map<number | bigint, number>()
  for (let i = 0; i < labels.length; i++) counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1)
  return Float64Array.from({ length: labels.length }, (_, i) => 1 / counts.get(labels[i]!)!)
}

/** @throws OPTION_INVALID where weights do not fit the dataset */
export function checkSampling(sampling: Sampling, length: number): void {
  if (sampling.kind !== 'weighted') return
  const { weights, count = length } = sampling
  const fail = (message: string): never => {
    throw new FivefoldError('OPTION_INVALID', `sampling weights: ${message}`)
  }
  if (weights.length !== length) fail(`${weights.length} for ${length} samples`)
  if (!Number.isInteger(count) || count < 1) fail(`the count of an epoch's samples is ${count}`)
  let sum = 0
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i]! >= 0)) fail(`sample ${i} has ${weights[i]}`)
    sum += weights[i]!
  }
  if (!(sum > 0 && sum < Infinity)) fail(`their sum is ${sum}`)
}
