import { describe, expect, it } from 'vitest'
import { floats, int64s, type TensorLiteral } from '../../../onnx/index.ts'
import { compareAnswers } from './compare-answers.ts'

const texts = (data: string[]): TensorLiteral => ({ type: 'string', shape: [data.length, 1], data })

describe('comparing answers', () => {
  it('goes row by row over all outputs', () => {
    const given = { label: texts(['a', 'b', 'c']), p: floats([0.1, 0.9, 0.5, 0.5, 0.2, 0.8], [3, 2]) }
    const shadow = { label: texts(['a', 'x', 'c']), p: floats([0.1, 0.9, 0.5, 0.5, 0.3, 0.8], [3, 2]) }
    const difference = compareAnswers(given, shadow)
    expect(difference).toMatchObject({ rows: 3, agreeing: 1 })
    expect(difference.largest).toBeCloseTo(0.1, 6)
  })
  it('takes rounding for the same, and missing numbers for the same as missing numbers', () => {
    const given = { y: floats([100, Number.NaN, 1]), n: int64s([1, 2, 3]) }
    expect(compareAnswers(given, { y: floats([100.0005, Number.NaN, 1]), n: int64s([1, 2, 3]) }).agreeing).toBe(3)
    expect(compareAnswers(given, { y: floats([100, 0, 1]), n: int64s([1, 2, 4]) }).agreeing).toBe(1)
  })
  it('finds nothing alike where an output is missing or of another size', () => {
    const given = { y: floats([1, 2]) }
    expect(compareAnswers(given, {}).agreeing).toBe(0)
    expect(compareAnswers(given, { y: floats([1]) }).agreeing).toBe(0)
  })
})
