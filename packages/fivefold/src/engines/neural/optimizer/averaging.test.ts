import { describe, expect, it } from 'vitest'
import { createGradientAccumulator } from './gradient-accumulation.ts'
import { createParameterMemory } from './parameter-memory.ts'
import { createWeightAverage } from './weight-averaging.ts'

const SPECS = [
  { name: 'statistics', shape: [2], trainable: false },
  { name: 'weight', shape: [3] },
]

describe('weight averages', () => {
  it('are the plain mean, and go on after a pause', () => {
    const memory = createParameterMemory(SPECS, ['averages'])
    let average = createWeightAverage({ kind: 'swa' }, memory)
    for (let update = 1; update <= 5; update++) {
      memory.view('parameters', 'weight').fill(update)
      average.update()
      if (update === 3) {
        average = createWeightAverage({ kind: 'swa' }, memory)
        average.resume(3)
      }
    }
    expect(average.updateCount).toBe(5)
    expect([...average.weights().get('weight')!]).toEqual([3, 3, 3])
  })

  it('leave what is not trained as it is', () => {
    const memory = createParameterMemory(SPECS, ['averages'])
    const average = createWeightAverage({ kind: 'ema', decay: 0.5 }, memory)
    memory.view('parameters', 'statistics').fill(9)
    average.update()
    expect([...average.weights().get('statistics')!]).toEqual([9, 9])
  })

  it('need a decay below 1', () => {
    const memory = createParameterMemory(SPECS, ['averages'])
    expect(() => createWeightAverage({ kind: 'ema', decay: 1 }, memory)).toThrow(/decay is 1/)
  })
})

describe('gradient accumulation', () => {
  it('is a weighted mean, and begins anew', () => {
    const memory = createParameterMemory(SPECS, ['accumulatedGradients'])
    const accumulator = createGradientAccumulator(memory)
    const meanOf = (batches: readonly (readonly [value: number, weight: number])[]): number => {
      for (const [value, weight] of batches) {
        memory.view('gradients', 'weight').fill(value)
        accumulator.add(weight)
      }
      expect(accumulator.count).toBe(batches.length)
      const mean = memory.view('accumulatedGradients', 'weight')[2]! * accumulator.scale
      accumulator.clear()
      return mean
    }
    expect(
      meanOf([
        [8, 1],
        [2, 0.5],
      ]),
    ).toBe(6)
    expect(
      meanOf([
        [3, 0.25],
        [5, 0.75],
      ]),
    ).toBe(4.5)
    expect(accumulator.scale).toBe(0)
  })
})
