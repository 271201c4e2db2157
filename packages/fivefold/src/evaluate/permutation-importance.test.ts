import { describe, expect, it } from 'vitest'
import { createContext, createRng } from '../core/index.ts'
import { type Frame, frameOf, numberColumnOf, type Predictions } from '../data/index.ts'
import { permutationImportance } from './permutation-importance.ts'

const rng = createRng(3)
const ROWS = 4000
const drawn = (spread: number): number[] => Array.from({ length: ROWS }, () => spread * rng.normal())
const frame = frameOf({ strong: drawn(2), weak: drawn(0.5), unused: drawn(1) })
const valuesOf = (shown: Frame, name: string): Float64Array => numberColumnOf(shown, name).values
const linear = (shown: Frame): Float64Array =>
  valuesOf(shown, 'strong').map((x, i) => 3 * x - 2 * valuesOf(shown, 'weak')[i]!)
const common = {
  frame,
  columns: ['unused', 'weak', 'strong'],
  threshold: undefined,
  context: createContext({ seed: 2 }),
}

describe('permutationImportance', () => {
  it('is what theory says of a linear model', async () => {
    const values = linear(frame).map((y) => y + rng.normal())
    const predict = async (shown: Frame): Promise<Predictions> => ({ kind: 'number', values: linear(shown) })
    const found = await permutationImportance({
      ...common,
      predict,
      target: { kind: 'number', values },
      metric: 'rmse',
    })
    // Shuffling adds 2 * coefficient² * variance to the mean squared error (Gregorutti, Michel and Saint-Pierre, 2017).
    const [strong, weak, unused] = found!.columns
    expect([strong!.name, weak!.name, unused!.name]).toEqual(['strong', 'weak', 'unused'])
    expect(strong!.value).toBeCloseTo(Math.sqrt(1 + 2 * 9 * 4) - 1, 0)
    expect(strong!.low).toBeLessThan(Math.sqrt(1 + 2 * 9 * 4) - 1)
    expect(strong!.high).toBeGreaterThan(Math.sqrt(1 + 2 * 9 * 4) - 1)
    expect(weak!.low).toBeGreaterThan(0)
    expect(unused).toEqual({ name: 'unused', value: 0, low: 0, high: 0 })
    expect(found!.rows).toBe(ROWS)
  })

  it('turns the sign for metrics of which more is better', async () => {
    const predict = async (shown: Frame): Promise<Predictions> => {
      const scores = valuesOf(shown, 'strong').map((x) => 1 / (1 + Math.exp(-x)))
      return {
        kind: 'classes',
        classes: ['no', 'yes'],
        probabilities: Float64Array.from([...scores].flatMap((p) => [1 - p, p])),
      }
    }
    const codes = Int32Array.from(valuesOf(frame, 'strong'), (x) => (x + rng.normal() > 0 ? 1 : 0))
    const target = { kind: 'classes', classes: ['no', 'yes'], codes } as const
    const found = await permutationImportance({ ...common, predict, target, metric: 'rocAuc' })
    expect(found!.columns[0]).toMatchObject({ name: 'strong' })
    expect(found!.columns[0]!.value).toBeGreaterThan(0.3)
    const one = { ...target, codes: codes.map(() => 1) }
    expect(await permutationImportance({ ...common, predict, target: one, metric: 'rocAuc' })).toBeUndefined()
  })
})
