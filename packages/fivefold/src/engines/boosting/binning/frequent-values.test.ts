import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frequentValue } from './frequent-values.ts'

const { NaN: missing } = Number

describe('the frequent value of a feature', () => {
  it('is found wherever more than half of the rows have it, with the number of the others', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, -1.5, missing),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 }),
        fc.integer({ min: 2, max: 4 }),
        (value, others, times) => {
          const many = new Array<number>(times * others.length + 1).fill(value)
          const values = Float32Array.from([...others, ...many]).sort((a, b) => ((a * 7919) % 11) - ((b * 7919) % 11))
          expect(frequentValue(values)).toEqual({ value, otherRows: others.length })
        },
      ),
    )
  })

  it('is none where no value prevails', () => {
    expect(frequentValue(Float32Array.of(0, 0, 1, 2))).toBeUndefined()
    expect(frequentValue(new Float32Array(0))).toBeUndefined()
    expect(frequentValue(Float32Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? 0 : i)))).toBeUndefined()
  })

  it('counts all rows where there are more than a sample holds', () => {
    const values = new Float32Array(100_003)
    values.set([5, missing, -2], 40_000)
    expect(frequentValue(values)).toEqual({ value: 0, otherRows: 3 })
    expect(frequentValue(new Float32Array(9).fill(missing))).toEqual({ value: missing, otherRows: 0 })
  })
})
