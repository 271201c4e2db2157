import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingParams } from '../parameters.ts'
import { binary, noisyTable, numbers, predicted, train } from './tables.reference.ts'

const cases = fc.record({
  seed: fc.nat(1e6),
  rowCount: fc.integer({ min: 30, max: 700 }),
  classify: fc.boolean(),
  growth: fc.constantFrom('leaf' as const, 'depth' as const),
  gaps: fc.boolean(),
  maxBins: fc.constantFrom(8, 255),
})

interface Case {
  seed: number
  rowCount: number
  classify: boolean
  growth: 'leaf' | 'depth'
  gaps: boolean
  maxBins: number
}

function fitted({ classify, growth, maxBins }: Case, features: FeatureMatrix, signal: Float64Array): Float64Array {
  const target = classify ? binary(Array.from(signal, (value) => Number(value > 0))) : numbers(signal)
  const params: Partial<BoostingParams> = { growth, maxBins, rounds: 12, minLeafRows: 3 }
  return predicted(train({ features, target }, params), features)
}

function table(sample: Case): { features: FeatureMatrix; signal: Float64Array } {
  const { features, signal } = noisyTable(sample.rowCount, sample.seed)
  if (sample.gaps) for (let i = 0; i < sample.rowCount; i += 5) features.values[i % 3]![i] = Number.NaN
  return { features, signal }
}

const isAlike = (a: Float64Array, b: Float64Array): boolean =>
  a.filter((value, i) => Math.abs(value - b[i]!) > 1e-6 * (1 + Math.abs(value))).length < 0.05 * a.length

function expectAlike(a: Float64Array, b: Float64Array): void {
  expect(isAlike(a, b)).toBe(true)
}

describe('a model does not depend on', () => {
  it('the order of its columns', () => {
    // Numbers, not classes: few gradients are equal, hence few splits equally good. Of two that are, the first column's is
    // taken, and where that happens at a root the models differ: of a thousand tables, at two or three.
    const unlike = fc.sample(cases, 60).filter((any) => {
      const sample = { ...any, classify: false }
      const { features, signal } = table(sample)
      const turned = { ...features, names: ['c', 'a', 'b'], values: [2, 0, 1].map((i) => features.values[i]!) }
      return !isAlike(fitted(sample, features, signal), fitted(sample, turned, signal))
    })
    expect(unlike.length).toBeLessThan(4)
  })

  it('the scale of a feature, as long as the order of its values stays', () => {
    fc.assert(
      fc.property(
        cases,
        fc.constantFrom(Math.exp, Math.cbrt, (x: number) => 1000 * x + 7),
        (sample, transform) => {
          const { features, signal } = table(sample)
          const values = features.values.map((column) => column.map(transform))
          // Values that differed may become one as float32.
          fc.pre(values.every((column, f) => new Set(column).size === new Set(features.values[f]).size))
          expectAlike(fitted(sample, features, signal), fitted(sample, { ...features, values }, signal))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('anything but data, parameters and seed', () => {
    fc.assert(
      fc.property(cases, (sample) => {
        const { features, signal } = table(sample)
        expect(fitted(sample, features, signal)).toEqual(fitted(sample, features, signal))
      }),
      { numRuns: 10 },
    )
  })
})
