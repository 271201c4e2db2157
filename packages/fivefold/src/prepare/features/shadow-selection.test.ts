import { describe, expect, it } from 'vitest'
import { createRng } from '../../core/index.ts'
import type { FeatureMatrix } from '../../data/index.ts'
import { shadowSelection } from './index.ts'

const ROWS = 120

function example(seed: number) {
  const rng = createRng(seed)
  const draw = () => Float32Array.from({ length: ROWS }, () => rng.normal())
  const signal = draw()
  const target = signal.map((value) => value + 0.5 * rng.normal())
  const values = [signal, ...Array.from({ length: 8 }, draw)]
  const matrix: FeatureMatrix = { rowCount: ROWS, names: values.map((_, i) => `feature ${i}`), values }
  /** |covariance with the target|: enough of a model to rank features. */
  const importances = async ({ values: all }: FeatureMatrix) =>
    all.map((feature) => Math.abs(feature.reduce((sum, value, row) => sum + value * target[row]!, 0)))
  return { matrix, importances }
}

const { matrix, importances } = example(1)

describe('shadowSelection', () => {
  it('keeps the feature that beats permuted copies, and noise in 5 of 100 cases', async () => {
    let withNoise = 0
    for (let seed = 0; seed < 40; seed++) {
      const { kept } = await shadowSelection(example(seed).matrix, { ...example(seed), rng: createRng(seed + 1000) })
      expect(kept).toContain(0)
      if (kept.length > 1) withNoise++
    }
    // 2 are expected; 7 or more have a probability of 0.3%.
    expect(withNoise).toBeLessThan(7)
  })

  it('gives each round shadows with the same values in another order', async () => {
    const seen: Float32Array[] = []
    await shadowSelection(matrix, {
      rng: createRng(1),
      rounds: 2,
      significance: 0.4,
      async importances(extended) {
        expect(extended.names.slice(9)).toEqual(matrix.names.map((name) => `shadow of ${name}`))
        expect(extended.values[9]!.toSorted()).toEqual(matrix.values[0]!.toSorted())
        seen.push(extended.values[9]!)
        return new Float64Array(18)
      },
    })
    expect(seen[0]).not.toEqual(seen[1])
  })

  it('refuses importances of another length, and too few rounds to tell', async () => {
    const wrong = shadowSelection(matrix, { rng: createRng(1), importances: async () => [1, 2] })
    await expect(wrong).rejects.toMatchObject({ code: 'TRAIN_INPUT' })
    const tooFew = shadowSelection(matrix, { rng: createRng(1), importances, rounds: 5 })
    await expect(tooFew).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})
