import { describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import { trainAutoencoder } from './autoencoder.ts'

/** Four features that two numbers decide, or noise of like size in their place. */
function matrixOf(kind: 'related' | 'noise', rowCount: number, seed: number): FeatureMatrix {
  const { rng } = createContext({ seed })
  const values = [0, 1, 2, 3].map(() => new Float32Array(rowCount))
  for (let row = 0; row < rowCount; row++) {
    const [a, b] = [rng.normal(), rng.normal()]
    const related = [a, b, (a + b) / Math.SQRT2, (a - b) / Math.SQRT2]
    values.forEach((column, i) => {
      column[row] = kind === 'related' ? related[i]! : rng.normal()
    })
  }
  return { rowCount, names: ['a', 'b', 'sum', 'difference'], values }
}

describe('trainAutoencoder', () => {
  it('reproduces rows like those it saw, and others badly', async () => {
    const params = { codeSize: 2, hidden: [16], epochs: 60, learningRate: 5e-3 }
    const autoencoder = await trainAutoencoder(matrixOf('related', 1000, 1), params, createContext({ seed: 1 }))
    const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
    const usual = mean(await autoencoder.reconstructionError(matrixOf('related', 200, 2)))
    const strange = mean(await autoencoder.reconstructionError(matrixOf('noise', 200, 3)))
    expect(usual).toBeLessThan(0.05)
    expect(strange).toBeGreaterThan(10 * usual)
    expect((await autoencoder.embed(matrixOf('related', 7, 4))).length).toBe(14)
  })

  it('refuses gaps', async () => {
    const matrix = matrixOf('related', 50, 1)
    matrix.values[1]![3] = Number.NaN
    await expect(trainAutoencoder(matrix)).rejects.toMatchObject({ code: 'TRAIN_INPUT' })
  })
})
