import { FivefoldError } from '../../../core/index.ts'

/**
 * Weighted means across the workers of one machine, over shared memory. Every worker adds the parts in the same order, so that
 * all hold the same bits afterwards.
 */
export interface GradientExchange {
  /**
   * Replaces each of `arrays` by its mean over the workers, weighted by each worker's `weight`; waits for all of them. Returns
   * the sum of the weights.
   */
  average(arrays: readonly Float32Array[], weight: number): number
}

/** The memory of an exchange: made once, sent to every worker. */
export interface ExchangeMemory {
  readonly workers: number
  /** Of the barrier: how many have arrived, its generation, and whether it is broken. */
  readonly barrier: SharedArrayBuffer
  readonly weights: SharedArrayBuffer
  /** One part for each worker. */
  readonly values: SharedArrayBuffer
}

export function createExchangeMemory(workers: number, valueCount: number): ExchangeMemory {
  return {
    workers,
    barrier: new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT),
    weights: new SharedArrayBuffer(workers * Float64Array.BYTES_PER_ELEMENT),
    values: new SharedArrayBuffer(workers * valueCount * Float32Array.BYTES_PER_ELEMENT),
  }
}

/** Lets nobody wait any more: whoever waits, or comes later, fails instead. */
export function breakExchange({ barrier }: ExchangeMemory): void {
  const cells = new Int32Array(barrier)
  Atomics.store(cells, 2, 1)
  Atomics.add(cells, 1, 1)
  Atomics.notify(cells, 1)
}

export function joinExchange(memory: ExchangeMemory, worker: number): GradientExchange {
  const { workers } = memory
  const weights = new Float64Array(memory.weights)
  const values = new Float32Array(memory.values)
  const partLength = values.length / workers
  const wait = createBarrier(memory)
  return {
    average(arrays, weight) {
      weights[worker] = weight
      let at = worker * partLength
      for (const array of arrays) {
        values.set(array, at)
        at += array.length
      }
      wait()
      const total = weights.reduce((sum, part) => sum + part, 0)
      let from = 0
      for (const array of arrays) {
        averageInto(array, values, from, partLength, weights, total)
        from += array.length
      }
      // Nobody may write its next part before all have read this one.
      wait()
      return total
    },
  }
}

function averageInto(
  target: Float32Array,
  values: Float32Array,
  from: number,
  partLength: number,
  weights: Float64Array,
  total: number,
): void {
  target.fill(0)
  weights.forEach((weight, worker) => {
    // A worker without rows may hold anything, NaN included.
    if (weight === 0) return
    const share = weight / total
    const start = worker * partLength + from
    for (let i = 0; i < target.length; i++) target[i]! += share * values[start + i]!
  })
}

/** The last to arrive opens the barrier for all by turning its generation. */
function createBarrier({ barrier, workers }: ExchangeMemory): () => void {
  const cells = new Int32Array(barrier)
  const failWhereBroken = (): void => {
    if (Atomics.load(cells, 2) === 1) throw new FivefoldError('INTERNAL', 'another training thread has ended')
  }
  return () => {
    failWhereBroken()
    const generation = Atomics.load(cells, 1)
    if (Atomics.add(cells, 0, 1) === workers - 1) {
      Atomics.store(cells, 0, 0)
      Atomics.add(cells, 1, 1)
      Atomics.notify(cells, 1)
      return
    }
    while (Atomics.load(cells, 1) === generation) Atomics.wait(cells, 1, generation)
    failWhereBroken()
  }
}
