/**
 * Golden values from scikit-learn 1.9.1 (StandardScaler, QuantileTransformer, OneHotEncoder, TfidfVectorizer, TargetEncoder,
 * murmurhash3_32) and Python's datetime.
 */
import { describe, expect, it } from 'vitest'
import { createContext } from '../../core/index.ts'
import { type ColumnSchema, frameOf, type Target } from '../../data/index.ts'
import { BUILT_IN_TRANSFORMS } from './index.ts'
import { murmurHash3 } from './murmur-hash.ts'

type Values = readonly (number | string | null)[]

const TYPES: Record<string, [ColumnSchema['type'], ColumnSchema['tensor']]> = {
  number: ['number', 'double'],
  calendar: ['datetime', 'double'],
  wordTfidf: ['text', 'string'],
}

function transformed(name: string, options: Record<string, unknown>, training: Values, probe: Values, target?: Target) {
  const transform = BUILT_IN_TRANSFORMS.find((candidate) => candidate.name === name)!
  const [type, tensor] = TYPES[name] ?? ['category', 'string']
  const column: ColumnSchema = { name: 'c', type, tensor, nullable: true, evidence: 'declared' }
  const { fitted } = transform.fit(
    {
      column,
      values: frameOf({ c: training }).columns.get('c')!,
      rowCount: training.length,
      target: target ?? { kind: 'number', values: new Float64Array(training.length) },
      context: createContext(),
    },
    { kind: name, ...options },
  )
  const features = fitted.apply(frameOf({ c: probe }).columns.get('c')!, probe.length)
  return { names: fitted.featureNames('c'), rows: probe.map((_, row) => features.map((values) => values[row]!)) }
}

function expectRows(actual: readonly number[][], expected: readonly (readonly number[])[]): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((row, i) => {
    expect(actual[i]!.length).toBe(row.length)
    for (const [j, value] of row.entries()) expect(actual[i]![j]).toBeCloseTo(value, 6)
  })
}

const NUMBERS = [3.5, -2, 0.25, 100, 7]

describe('as scikit-learn', () => {
  it('scales to zero mean and unit variance', () => {
    const { rows } = transformed('number', { steps: [{ kind: 'standardScale' }] }, NUMBERS, NUMBERS)
    expectRows(rows, [
      [-0.46505306218683334],
      [-0.6052060398321804],
      [-0.5478707307954475],
      [1.99399463649971],
      [-0.3758648036852489],
    ])
  })

  it('maps to the uniform distribution', () => {
    const probe = [-5, -2, 0, 3.5, 5, 50, 1000]
    const { rows } = transformed('number', { steps: [{ kind: 'quantile', knots: 5 }] }, NUMBERS, probe)
    expectRows(rows, [[0], [0], [0.2222222222222222], [0.5], [0.6071428571428572], [0.8655913978494624], [1]])
  })

  it('gives each level a column, most frequent first', () => {
    const { names, rows } = transformed('oneHot', {}, ['b', 'a', 'c', 'a'], ['a', 'b', 'c', 'zz'])
    expect(names).toEqual(['c=a', 'c=b', 'c=c'])
    expectRows(rows, [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ])
  })

  it('weighs words and pairs by inverse document frequency', () => {
    const documents = ['the cat sat', 'The cat sat on THE mat', 'a dog and a cat', 'dogs']
    const probe = [...documents, 'the Cat and the dog', 'zzz']
    const { names, rows } = transformed('wordTfidf', { minDocuments: 2 }, documents, probe)
    const order = ["c 'cat'", "c 'cat sat'", "c 'sat'", "c 'the'", "c 'the cat'"].map((name) => names.indexOf(name))
    expectRows(
      rows.map((row) => order.map((at) => row[at]!)),
      [
        [0.3752175967124194, 0.46346837948164166, 0.46346837948164166, 0.46346837948164166, 0.46346837948164166],
        [0.2926026797221541, 0.3614225212010797, 0.3614225212010797, 0.7228450424021594, 0.3614225212010797],
        [1, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0.34043192496461805, 0, 0, 0.8410023088980836, 0.4205011544490418],
        [0, 0, 0, 0, 0],
      ],
    )
  })

  const levels = ['a', 'b', 'a', 'c', 'a', 'b']
  const probe = ['a', 'b', 'c', 'zz']

  it('encodes by the mean of two classes', () => {
    const target: Target = { kind: 'classes', classes: ['n', 'y'], codes: Int32Array.of(1, 0, 1, 1, 0, 1) }
    const { rows } = transformed('targetEncoding', { smoothing: 2 }, levels, probe, target)
    expectRows(rows, [[0.66666667], [0.58333333], [0.77777778], [0.66666667]])
  })

  it('encodes by the mean of a number', () => {
    const target: Target = { kind: 'number', values: Float64Array.of(1, 5, 2, -7, 0.5, 3) }
    const { rows } = transformed('targetEncoding', { smoothing: 2 }, levels, probe, target)
    expectRows(rows, [[1], [2.375], [-1.83333333], [0.75]])
  })

  it('encodes by the share of each class but the first', () => {
    const target: Target = { kind: 'classes', classes: ['x', 'y', 'z'], codes: Int32Array.of(0, 1, 2, 1, 0, 2) }
    const { names, rows } = transformed('targetEncoding', { smoothing: 2 }, levels, probe, target)
    expect(names).toEqual(['c target mean of y', 'c target mean of z'])
    expectRows(rows, [
      [0.13333333333333333, 0.3333333333333333],
      [0.41666666666666663, 0.41666666666666663],
      [0.5555555555555555, 0.2222222222222222],
      [1 / 3, 1 / 3],
    ])
  })

  it.each([
    ['foo', -156908512, -1322301282],
    ['', 0, 142593372],
    ['漢字', 1467002891, 1244649271],
    ['abcdefgh', 1239272644, -804741815],
    ['é', 269551495, 1023967903],
    ['a', 1009084850, -1293573533],
    ['ab', -1681926305, -684913081],
    ['abc', -1277324294, 1313807976],
    ['hello world', 1586663183, -368272391],
  ])('hashes %j', (text, plain, seeded) => {
    expect(murmurHash3(text)).toBe(plain)
    expect(murmurHash3(text, 42)).toBe(seeded)
  })
})

describe('as Python datetime', () => {
  it.each([
    [0, [1970, 1, 1, 3, 0, 0, 1]],
    [951782400000, [2000, 2, 29, 1, 0, 0, 60]],
    [-1, [1969, 12, 31, 2, 23, 59, 365]],
    [1709164800000, [2024, 2, 29, 3, 0, 0, 60]],
    [-2203891200000, [1900, 3, 1, 3, 0, 0, 60]],
    [253402300799999, [9999, 12, 31, 4, 23, 59, 365]],
    [-62135596800000, [1, 1, 1, 0, 0, 0, 1]],
    [68169600000, [1972, 2, 29, 1, 0, 0, 60]],
    [-11644470000000, [1601, 1, 1, 0, 1, 0, 1]],
  ])('takes %d apart', (ms, expected) => {
    const parts = ['year', 'month', 'dayOfMonth', 'weekday', 'hour', 'minute', 'dayOfYear']
    expect(transformed('calendar', { parts }, [ms], [ms]).rows).toEqual([expected])
  })
})
