import { describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import type { Target } from '../../../data/index.ts'
import type { BoostingParams } from '../parameters.ts'
import { refitBoosting } from './refit-boosting.ts'
import { binary, meanOf, noisyTable, numbers, predicted, train } from './tables.reference.ts'

const { features, signal } = noisyTable(2000, 1)
const later = noisyTable(2000, 2)
const classes = (values: Float64Array): Target => ({
  kind: 'classes',
  classes: ['low', 'middle', 'high'],
  codes: Int32Array.from(values, (value) => (value < -1 ? 0 : value < 1 ? 1 : 2)),
})

describe('refitting', () => {
  it.each<[string, (values: Float64Array) => Target, Partial<BoostingParams>]>([
    ['squared', (values) => numbers(values.map((value) => 1000 + 50 * value)), {}],
    ['logistic', (values) => binary(Array.from(values, (value) => Number(value > 0))), {}],
    ['softmax', classes, {}],
    ['absolute', numbers, { objective: 'absolute' }],
    ['poisson', (values) => numbers(values.map((value) => Math.round(Math.exp(value)))), { objective: 'poisson' }],
  ])('%s: with the training rows and no memory gives the model back', async (_, targetOf, params) => {
    const data = { features, target: targetOf(signal) }
    const model = train(data, { rounds: 15, ...params })
    const again = await refitBoosting(model, data, createContext(), { decay: 0 })
    const [before, after] = [predicted(model, features), predicted(again, features)]
    const spread = Math.max(...before) - Math.min(...before)
    // Training sums quantised gradients; refitting sums exactly.
    expect(Math.max(...before.map((value, i) => Math.abs(value - after[i]!)))).toBeLessThan(0.02 * spread)
    const same = await refitBoosting(model, data, createContext(), { decay: 1 })
    expect(predicted(same, features)).toEqual(before)
  })

  it('follows a shift in the target that the splits still describe', async () => {
    const data = { features, target: numbers(signal) }
    const model = train(data, { rounds: 50 })
    const shifted = { features: later.features, target: numbers(later.signal.map((value) => value + 3)) }
    const error = (m: typeof model): number =>
      meanOf(predicted(m, later.features).map((value, i) => (value - later.signal[i]! - 3) ** 2))
    const followed = await refitBoosting(model, shifted, createContext(), { decay: 0.2 })
    expect(error(followed)).toBeLessThan(0.1 * error(model))
  })

  it('is refused for what does not fit', async () => {
    const model = train({ features, target: numbers(signal) }, { rounds: 1 })
    const data = { features, target: numbers(signal) }
    await expect(refitBoosting(model, data, createContext(), { decay: 2 })).rejects.toThrow(/decay is 2/)
    await expect(refitBoosting(model, { features, target: classes(signal) }, createContext())).rejects.toThrow(
      /classes/,
    )
    const rising = train(data, { rounds: 2, monotone: { a: 1 } })
    await expect(refitBoosting(rising, data, createContext())).rejects.toThrow(/monotone/)
    const renamed = { ...features, names: ['x', 'b', 'c'] }
    await expect(refitBoosting(model, { ...data, features: renamed }, createContext())).rejects.toThrow(/expects the/)
  })
})
