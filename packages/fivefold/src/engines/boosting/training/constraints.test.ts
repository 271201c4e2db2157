import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../core/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { binary, matrix, noisyTable, numbers, predicted, train } from './tables.reference.ts'

describe('monotone constraints', () => {
  it('hold for every row and every step of the feature', () => {
    const cases = fc.record({
      seed: fc.nat(1e6),
      direction: fc.constantFrom(1 as const, -1 as const),
      growth: fc.constantFrom('leaf' as const, 'depth' as const),
      classify: fc.boolean(),
      gaps: fc.boolean(),
    })
    fc.assert(
      fc.property(cases, ({ seed, direction, growth, classify, gaps }) => {
        const { features, signal } = noisyTable(400, seed)
        // The target wants the opposite in places.
        const wavy = signal.map((value, i) => value + 2 * Math.sin(4 * features.values[0]![i]!))
        if (gaps) for (let i = 0; i < 400; i += 7) features.values[0]![i] = Number.NaN
        const target = classify ? binary(Array.from(wavy, (value) => Number(value > 0))) : numbers(wavy)
        const model = train({ features, target }, { monotone: { a: direction }, growth, rounds: 30, minLeafRows: 5 })
        const steps = Array.from({ length: 40 }, (_, i) => -3 + i * 0.15)
        for (const row of [0, 1, 2]) {
          const along = matrix({
            a: steps,
            b: steps.map(() => features.values[1]![row]!),
            c: steps.map(() => features.values[2]![row]!),
          })
          const all = predicted(model, along)
          const values = classify ? all.filter((_, i) => i % 2 === 1) : all
          for (let i = 1; i < values.length; i++)
            expect(direction * (values[i]! - values[i - 1]!)).toBeGreaterThanOrEqual(-1e-9)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('are refused for what is no feature, and for categories', () => {
    const { features, signal } = noisyTable(50, 1)
    const data = { features, target: numbers(signal) }
    expect(() => train(data, { monotone: { z: 1 } })).toThrow(/monotone names 'z'/)
    const codes = { ...features, values: features.values.map((column) => column.map(() => 1)) }
    expect(() => train({ ...data, features: codes, categorical: ['a'] }, { monotone: { a: 1 } })).toThrow(/categorical/)
  })
})

/** Features that meet on some path from a root to a leaf, as sorted names. */
function pathsOf({ trees, featureNames }: BoostingModel): Set<string> {
  const paths = new Set<string>()
  for (let tree = 0; tree + 1 < trees.starts.length; tree++) walk(trees.starts[tree]!, trees.starts[tree]!, [])
  return paths
  function walk(root: number, node: number, path: readonly number[]): void {
    const feature = trees.feature[node]!
    if (feature < 0) {
      paths.add(
        [...new Set(path)]
          .map((f) => featureNames[f]!)
          .sort()
          .join('+'),
      )
      return
    }
    for (const child of [0, 1]) walk(root, root + trees.left[node]! + child, [...path, feature])
  }
}

describe('interaction constraints', () => {
  it('keep features of different sets apart, and what is in no set together', () => {
    const rng = createRng(5)
    const column = () => Float32Array.from({ length: 1000 }, () => rng.normal())
    const features = matrix({ a: column(), b: column(), c: column(), d: column() })
    const [a, b, c, d] = features.values as [Float32Array, Float32Array, Float32Array, Float32Array]
    const target = numbers(Array.from(a, (value, i) => value * c[i]! + b[i]! * d[i]!))
    const free = pathsOf(train({ features, target }, { rounds: 20 }))
    expect([...free].some((path) => path.includes('a') && path.includes('c'))).toBe(true)
    const bound = pathsOf(train({ features, target }, { rounds: 20, interactions: [['a', 'b']] }))
    for (const path of bound) expect(['a', 'b', 'a+b', 'c', 'd', 'c+d']).toContain(path)
    expect(bound.size).toBeGreaterThan(2)
  })
})

describe('column sampling', () => {
  it.each(['columnSample', 'columnSampleByLevel', 'columnSampleByNode'] as const)(
    '%s lets every feature have a turn',
    (name) => {
      const { features, signal } = noisyTable(500, 3)
      const data = { features, target: numbers(signal) }
      const model = train(data, { [name]: 0.34, rounds: 40, maxDepth: 1 })
      const used = new Set([...model.trees.feature].filter((feature) => feature >= 0))
      // The third feature says nothing, and is split on only because nothing else is on offer.
      expect(used).toEqual(new Set([0, 1, 2]))
      expect(train(data, { [name]: 0.34, rounds: 40 }, 1).trees.feature).not.toEqual(
        train(data, { [name]: 0.34, rounds: 40 }, 2).trees.feature,
      )
    },
  )
})
