import { describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { noisyTable, numbers, predicted, train } from './tables.reference.ts'
import { trainBoosting } from './train-boosting.ts'

const { features, signal } = noisyTable(3000, 1)
const data = { features, target: numbers(signal) }

describe('continued training', () => {
  it('learns what the first model left, and equals training in one go but for rounding', async () => {
    const context = () => createContext({ seed: 1 })
    const first = await trainBoosting(data, { rounds: 10 }, context())
    const both = await trainBoosting({ ...data, initialModel: first }, { rounds: 10 }, context())
    const whole = await trainBoosting(data, { rounds: 20 }, context())
    expect(both.trees.starts.length).toBe(21)
    expect(both.bestRound).toBe(20)
    expect(both.history.train.length).toBe(20)
    const expected = predicted(whole, features)
    const difference = predicted(both, features).map((value, i) => Math.abs(value - expected[i]!))
    expect(Math.max(...difference)).toBeLessThan(1e-3)
    expect(predicted(both, features)).not.toEqual(predicted(first, features))
  })

  it('follows validation from where the first model ends', async () => {
    const first = await trainBoosting(data, { rounds: 30 }, createContext())
    const both = await trainBoosting(
      { ...data, initialModel: first, validation: data },
      { rounds: 5, earlyStoppingRounds: 5 },
      createContext(),
    )
    expect(both.history.validation[0]).toBeLessThan(first.history.train.at(-1)!)
  })

  it('is refused from a model of something else', () => {
    const other = train({ features: { ...features, names: ['x', 'y', 'z'] }, target: numbers(signal) }, { rounds: 1 })
    expect(() => train({ ...data, initialModel: other })).toThrow(/other features/)
    const absolute = train(data, { rounds: 1, objective: 'absolute' })
    expect(() => train({ ...data, initialModel: absolute })).toThrow(/objective 'absolute'/)
  })
})
