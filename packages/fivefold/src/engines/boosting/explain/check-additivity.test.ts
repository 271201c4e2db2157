import { describe, expect, it } from 'vitest'
import { additivityLimits, checkAdditivity } from './check-additivity.ts'
import { randomCase } from './explained-model.reference.ts'

describe('the check of additivity', () => {
  const { model } = randomCase(3, 2)
  const limits = additivityLimits(model)
  const baseValues = Float64Array.of(1, 2)
  const scores = Float64Array.of(4, 5, 6, 7)
  const values = Float64Array.of(1, 2, 4, -1, 5, 0, 2.5, 2.5)

  it('passes sums within the limits, which grow with what the trees can say', () => {
    expect(() => checkAdditivity({ values, scores, baseValues }, limits, 0, 2)).not.toThrow()
    const near = values.with(0, 1 + limits[0]! / 2)
    expect(() => checkAdditivity({ values: near, scores, baseValues }, limits, 0, 2)).not.toThrow()
    expect(limits.every((limit) => limit > 0 && limit < 1e-8)).toBe(true)
  })

  it('names the row whose values miss its score, of those asked for', () => {
    const wrong = { values: values.with(7, 2.6), scores, baseValues }
    expect(() => checkAdditivity(wrong, limits, 0, 2)).toThrow(/row 1 sum to 7.1, its score is 7/)
    expect(() => checkAdditivity(wrong, limits, 0, 1)).not.toThrow()
    const missing = { values: values.with(0, Number.NaN), scores, baseValues }
    expect(() => checkAdditivity(missing, limits, 0, 2)).toThrow(/row 0/)
  })
})
