import type { ParameterMemory } from './parameter-memory.ts'

/** Gradients of several micro-batches as one: add after each, then step with their slot and `scale`, then clear. */
export interface GradientAccumulator {
  /** Micro-batches since the last `clear`. */
  readonly count: number
  /** Makes the sum a weighted mean: 1 / sum of weights. */
  readonly scale: number
  /** @param weight such as the share of rows that are not padding; default 1 */
  add(weight?: number): void
  clear(): void
}

/** The memory needs the slot 'accumulatedGradients'. */
export function createGradientAccumulator(memory: ParameterMemory): GradientAccumulator {
  const { kernels, trainableLength } = memory
  const [sum, gradients] = [memory.addressOf('accumulatedGradients'), memory.addressOf('gradients')]
  let count = 0
  let totalWeight = 0
  return {
    get count() {
      return count
    },
    get scale() {
      return totalWeight === 0 ? 0 : 1 / totalWeight
    },
    add: (weight = 1) => {
      // What was summed before counts no more: the first micro-batch overwrites it.
      if (count === 0) kernels.copyFloats(sum, gradients, trainableLength)
      if (count > 0) kernels.addScaled(sum, gradients, trainableLength, weight)
      else if (weight !== 1) kernels.scale(sum, trainableLength, weight)
      count++
      totalWeight += weight
    },
    clear: () => {
      count = 0
      totalWeight = 0
    },
  }
}
