import { describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { takeMatrixRows } from '../../../data/index.ts'
import { crossValidateBoosting } from './cross-validate.ts'
import { binary, meanOf, noisyTable, numbers, predicted, train } from './tables.reference.ts'

const ROWS = 900
const { features, signal } = noisyTable(ROWS, 1)
const folds = Array.from({ length: ROWS }, (_, row) => (row * 7) % 3)

describe('cross-validation', () => {
  it('holds out what it says: each model equals one trained on the other folds alone, but for the bins', async () => {
    const target = signal.map((value) => 100 + 10 * value)
    // Few values: bins are the same with and without the held-out rows.
    const coarse = {
      ...features,
      values: features.values.map((column) => column.map((value) => Math.round(value * 4) / 4)),
    }
    const data = { features: coarse, target: numbers(target) }
    const params = { rounds: 20, learningRate: 0.1, minLeafRows: 5 }
    const result = await crossValidateBoosting(data, params, folds, createContext())
    for (const fold of [0, 1, 2]) {
      const rows = Uint32Array.from(folds.keys()).filter((row) => folds[row] !== fold)
      const held = Uint32Array.from(folds.keys()).filter((row) => folds[row] === fold)
      const own = train(
        { features: takeMatrixRows(coarse, rows), target: numbers(Array.from(rows, (row) => target[row]!)) },
        { ...params, rounds: result.bestRound },
      )
      const expected = predicted(own, takeMatrixRows(coarse, held))
      const said = result.outOfFold.kind === 'number' ? result.outOfFold.values : []
      const gaps = Array.from(held, (row, i) => Math.abs(said[row]! - expected[i]!))
      expect(meanOf(gaps)).toBeLessThan(0.5)
      const mse = meanOf(Array.from(held, (row) => (said[row]! - target[row]!) ** 2))
      expect(mse / result.folds[fold]![result.bestRound - 1]!).toBeCloseTo(1, 3)
    }
  })

  it('finds the round where the mean is best, by the metric that is asked for', async () => {
    const data = { features, target: binary(Array.from(signal, (value) => Number(value > 0))) }
    const params = { rounds: 300, learningRate: 0.3, metric: 'rocAuc', earlyStoppingRounds: 20 } as const
    const { mean, bestRound, folds: curves, models } = await crossValidateBoosting(data, params, folds, createContext())
    expect(mean[bestRound - 1]).toBe(Math.max(...mean))
    expect(mean.length).toBe(Math.min(...curves.map((curve) => curve.length)))
    expect(mean.length).toBeLessThan(300)
    expect(models.every((model) => model.trees.starts.length - 1 <= bestRound)).toBe(true)
    expect(mean[bestRound - 1]).toBeGreaterThan(0.8)
  })

  it('stops on the mean of the folds, which then all have as many rounds', async () => {
    const data = { features, target: numbers(signal) }
    const params = { rounds: 400, learningRate: 0.3 }
    const whole = await crossValidateBoosting(data, params, folds, createContext())
    const stopped = await crossValidateBoosting(data, { ...params, earlyStoppingRounds: 25 }, folds, createContext())
    expect(stopped.mean).toEqual(whole.mean.slice(0, stopped.mean.length))
    expect(stopped.mean.length).toBe(stopped.bestRound + 25)
    expect(stopped.models.map((model) => model.trees.starts.length - 1)).toEqual(
      folds.slice(0, 3).map(() => stopped.bestRound),
    )
  })

  it('weighs classes in what it starts from', async () => {
    const target = binary(Array.from(signal, (value) => Number(value > 1.5)))
    const params = { rounds: 1, learningRate: 1e-6, classWeights: 'balanced' } as const
    const { outOfFold } = await crossValidateBoosting({ features, target }, params, folds, createContext())
    const probabilities = outOfFold.kind === 'classes' ? outOfFold.probabilities : []
    // Without the weights it would be the share of the rare class, about a tenth.
    expect(Math.abs(probabilities[1]! - 0.5)).toBeLessThan(0.1)
  })

  it('refuses metrics that mean nothing', async () => {
    const run = (target: Parameters<typeof crossValidateBoosting>[0]['target'], metric: 'rocAuc' | 'rmse' | 'ndcg') =>
      crossValidateBoosting({ features, target }, { metric }, folds, createContext())
    await expect(run(numbers(signal), 'rocAuc')).rejects.toThrow(/metric of classification/)
    await expect(run(numbers(signal), 'ndcg')).rejects.toThrow(/lambdarank/)
    await expect(run(binary(folds.map((_, i) => i % 2)), 'rmse')).rejects.toThrow(/metric of regression/)
    const oneSided = binary(folds.map((fold, i) => Number(fold === 0 || i % 2 === 0)))
    await expect(run(oneSided, 'rocAuc')).rejects.toThrow(/not defined/)
  })

  it('keeps queries whole', async () => {
    const target = numbers(signal.map((value) => Math.max(0, Math.min(4, Math.round(value + 2)))))
    const queryRows = new Array<number>(ROWS / 10).fill(10)
    const byQuery = folds.map((_, row) => Math.floor(row / 10) % 3)
    const params = { objective: 'lambdarank', rounds: 10, metric: 'ndcg' } as const
    const { mean } = await crossValidateBoosting({ features, target, queryRows }, params, byQuery, createContext())
    expect(mean.at(-1)).toBeGreaterThan(0.8)
    const torn = crossValidateBoosting({ features, target, queryRows }, params, folds, createContext())
    await expect(torn).rejects.toThrow(/query 0 lies in several folds/)
  })

  it('is the same for any number of threads', async () => {
    const wide = noisyTable(80_000, 2)
    const data = { features: wide.features, target: numbers(wide.signal) }
    const own = Array.from({ length: 80_000 }, (_, row) => row % 2)
    const [one, two] = await Promise.all(
      [1, 2].map((threads) => crossValidateBoosting(data, { rounds: 4 }, own, createContext({ threads }))),
    )
    expect(one!.mean).toEqual(two!.mean)
    expect(one!.outOfFold).toEqual(two!.outOfFold)
  })

  it.each([
    [folds.slice(1), /899 fold numbers for 900 rows/],
    [folds.map(() => 0), /two folds or more/],
    [folds.map((fold) => fold * 2), /fold 1 has no rows/],
    [folds.map((fold) => fold + 0.5), /row 0 is in fold 0.5/],
  ])('refuses folds that are none', async (wrong, message) => {
    await expect(
      crossValidateBoosting({ features, target: numbers(signal) }, {}, wrong, createContext()),
    ).rejects.toThrow(message)
  })
})
