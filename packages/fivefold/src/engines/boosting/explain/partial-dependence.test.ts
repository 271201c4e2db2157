import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { predictBoosting } from '../predictor/predict.ts'
import { scoreRows } from '../predictor/score-rows.ts'
import { meanScores } from './covers.ts'
import { FEATURE_COUNT, matrixOf, randomCase } from './explained-model.reference.ts'
import { partialDependence } from './partial-dependence.ts'
import { coverWorth } from './shapley.reference.ts'

const F = FEATURE_COUNT

describe('partial dependence', () => {
  it('by rows is the mean of predictions with the features held, for any trees and categories', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 1, max: 3 }), async (seed, outputCount) => {
        const { model, rowsOf } = randomCase(seed, outputCount)
        const rows = rowsOf(4)
        const grid = [Float32Array.of(-1, 4, Number.NaN), Float32Array.of(0, 40, Number.NaN)]
        const options = { features: ['f1', 'f3'], grid, individual: true } as const
        const scores = await partialDependence(model, matrixOf(rows, F), options)
        const predictions = await partialDependence(model, matrixOf(rows, F), { ...options, scale: 'prediction' })
        for (let point = 0; point < 9; point++) {
          const held = rows.map(([a, , c]) => [a!, grid[0]![Math.floor(point / 3)]!, c!, grid[1]![point % 3]!])
          const expected = scoreRows(model, matrixOf(held, F))
          const predicted = predictBoosting(model, matrixOf(held, F))
          const values = predicted.kind === 'number' ? predicted.values : predicted.probabilities
          for (let output = 0; output < outputCount; output++) {
            const at = point * outputCount + output
            const ofRows = rows.map((_, row) => expected[row * outputCount + output]!)
            expect(scores.mean[at]).toBeCloseTo(ofRows.reduce((a, b) => a + b) / rows.length, 10)
            for (let row = 0; row < rows.length; row++) {
              const i = (row * 9 + point) * outputCount + output
              expect(scores.individual![i]).toBe(ofRows[row])
              expect(predictions.individual![i]).toBe(values[row * outputCount + output])
            }
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  it('by recursion is the worth of the held features alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 1, max: 3 }), async (seed, outputCount) => {
        const { model, rowsOf } = randomCase(seed, outputCount)
        const grid = [Float32Array.of(0, 40, Number.NaN), Float32Array.of(-1, 4)]
        const { mean } = await partialDependence(model, matrixOf(rowsOf(1), F), {
          features: ['f2', 'f0'],
          grid,
          method: 'recursion',
        })
        const expected = [...grid[0]!].flatMap((code) =>
          [...grid[1]!].flatMap((number) =>
            model.baseScores.map((base, output) => coverWorth(model.trees, output, base, [number, 0, code, 0])(0b101)),
          ),
        )
        expect(mean.length).toBe(expected.length)
        for (const [i, value] of expected.entries()) expect(mean[i]).toBeCloseTo(value, 10)
      }),
    )
  })

  it('centred starts every curve at 0', async () => {
    const { model, rowsOf } = randomCase(11, 2)
    const sample = matrixOf(rowsOf(5), F)
    const options = { features: ['f0'], grid: [Float32Array.of(0, 3, 9)], individual: true } as const
    const plain = await partialDependence(model, sample, options)
    const centred = await partialDependence(model, sample, { ...options, centred: true })
    expect([...centred.mean]).toEqual([...plain.mean].map((value, i) => value - plain.mean[i % 2]!))
    const first = (i: number): number => plain.individual![Math.floor(i / 6) * 6 + (i % 2)]!
    expect([...centred.individual!]).toEqual([...plain.individual!].map((value, i) => value - first(i)))
    const byCovers = await partialDependence(model, sample, {
      features: ['f0'],
      grid: [Float32Array.of(Number.NaN, 3)],
      method: 'recursion',
      centred: true,
    })
    expect([...byCovers.mean.subarray(0, 2)]).toEqual([0, 0])
  })

  it('takes its grid from the sample: quantiles of numbers, the most frequent categories', async () => {
    const { model } = randomCase(11, 1)
    const rows = Array.from({ length: 101 }, (_, i) => [i, i % 3, i < 40 ? 7 : i < 70 ? 3 : i, Number.NaN])
    const sample = matrixOf(rows, F)
    const gridOf = async (name: string, gridSize: number) => [
      ...(await partialDependence(model, sample, { features: [name], gridSize })).grid[0]!,
    ]
    expect(await gridOf('f0', 5)).toEqual([0, 25, 50, 75, 100])
    expect(await gridOf('f1', 5)).toEqual([0, 1, 2])
    expect(await gridOf('f2', 3)).toEqual([3, 7, 70])
    await expect(gridOf('f3', 3)).rejects.toMatchObject({ code: 'MODEL_INPUT' })
    await expect(gridOf('f0', 1)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  it('refuses unknown or repeated features, grids that do not fit, and options that exclude each other', async () => {
    const { model, rowsOf } = randomCase(11, 1)
    const sample = matrixOf(rowsOf(5), F)
    const grid = [Float32Array.of(1)]
    for (const options of [
      { features: ['f9'] as const },
      { features: ['f0', 'f0'] as const },
      { features: ['f0', 'f1'] as const, grid },
      { features: ['f0'] as const, grid: [new Float32Array(0)] },
      { features: ['f0', 'f1'] as const, grid: [new Float32Array(1001), new Float32Array(1000)] },
      { features: ['f0'] as const, gridSize: 1001 },
      { features: ['f0'] as const, grid, method: 'brute' as 'rows' },
      { features: ['f0'] as const, grid, scale: 'logit' as 'score' },
      { features: ['f0'] as const, grid, method: 'recursion' as const, individual: true },
      { features: ['f0'] as const, grid, method: 'recursion' as const, scale: 'prediction' as const },
    ])
      await expect(partialDependence(model, sample, options)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    const empty = partialDependence(model, matrixOf([], F), { features: ['f0'], grid })
    await expect(empty).rejects.toMatchObject({ code: 'MODEL_INPUT' })
  })

  it('over many rows is the same from workers', async () => {
    const { model, rowsOf } = randomCase(12, 2)
    const rows = rowsOf(50_000)
    const grid = [Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7)]
    const all = await partialDependence(model, matrixOf(rows, F), { features: ['f0'], grid, individual: true })
    const few = await partialDependence(model, matrixOf(rows.slice(7, 9), F), {
      features: ['f0'],
      grid,
      individual: true,
    })
    expect(all.individual!.slice(7 * 16, 9 * 16)).toEqual(few.individual)
  })

  it('of two classes on the scale of predictions is the probability of the second', async () => {
    const { model, rowsOf } = randomCase(14, 1)
    const binary = { ...model, objective: 'logistic', classes: ['no', 'yes'] } as const
    const sample = matrixOf(rowsOf(6), F)
    const options = { features: ['f1'], grid: [Float32Array.of(1, 5)], individual: true } as const
    const scores = await partialDependence(binary, sample, options)
    const probabilities = await partialDependence(binary, sample, { ...options, scale: 'prediction' })
    expect(probabilities.outputNames).toEqual(['yes'])
    expect(probabilities.individual!.length).toBe(12)
    for (const [i, score] of scores.individual!.entries())
      expect(probabilities.individual![i]).toBeCloseTo(1 / (1 + Math.exp(-score)), 12)
  })

  it('without held features would be the mean score', () => {
    const { model } = randomCase(13, 2)
    const worth = model.baseScores.map((base, output) => coverWorth(model.trees, output, base, [0, 0, 0, 0])(0))
    for (const [output, mean] of meanScores(model).entries()) expect(mean).toBeCloseTo(worth[output]!, 10)
  })
})
