import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../core/index.ts'
import type { FeatureMatrix, Target } from '../../../data/index.ts'
import { featureImportance } from '../explain/importance.ts'
import { allocateMemory, compileKernels } from '../kernels/kernels.ts'
import { planMemory } from '../kernels/memory-layout.ts'
import { createInlineTeam } from '../kernels/thread-team.ts'
import { openWorkspace } from '../kernels/workspace.ts'
import type { BoostingModel } from '../model/model.ts'
import { boostingModelToJson } from '../model/model-json.ts'
import { resolveParams } from '../parameters.ts'
import { binary, matrix, numbers, predicted, train } from './tables.reference.ts'
import { trainInWorkspace } from './trainer.ts'
import { prepareJob } from './training-data.ts'

const range = (length: number): number[] => Array.from({ length }, (_, i) => i)

/** 200 rows that Python can make again: three features, the second with gaps, noise from a congruence. */
const FORMULA_ROWS = range(200)
const formulaFeature = (j: number): number[] =>
  FORMULA_ROWS.map((i) => Math.fround(((i * (7919 + j * 613) + j * 104_729) % 1009) / 1009))
const gappy = formulaFeature(1).map((value, i) => ((i * 31) % 7 === 0 ? Number.NaN : value))
const formulaNoise = FORMULA_ROWS.map((i) => ((i * 2_654_435) % 997) / 997)
const formulaMatrix = matrix({ a: formulaFeature(0), b: gappy, c: formulaFeature(2) })
const formulaNumbers = FORMULA_ROWS.map((i) => {
  const b = gappy[i]!
  return (3 * formulaFeature(0)[i]! + (Number.isNaN(b) ? 1.5 : Math.sin(6 * b)) + 0.3 * formulaNoise[i]!) * 1e6
})
const formulaClasses = FORMULA_ROWS.map((i) => {
  const b = Number.isNaN(gappy[i]!) ? 0.9 : gappy[i]!
  return Number(Number(formulaFeature(0)[i]! > 0.5) + Number(b > 0.6) + Number(formulaNoise[i]! > 0.7) >= 2)
})
const GOLDEN_ROWS = [0, 1, 2, 3, 50, 100, 150, 199]
const PEER_PARAMS = {
  rounds: 5,
  learningRate: 0.3,
  growth: 'depth',
  maxDepth: 3,
  minLeafRows: 1,
  minLeafWeight: 1,
} as const

/**
 * Golden values: XGBoost 3.2.0, Python 3.11, on the same formulas; tree_method=exact, max_depth=3, eta=0.3,
 * min_child_weight=1, reg_lambda=1, five rounds, base_score the (weighted) mean or share; NaN as missing.
 */
describe('agreement with XGBoost', () => {
  const expectRows = (actual: Float64Array, at: (row: number) => number, golden: number[], tolerance: number): void => {
    for (const [i, row] of GOLDEN_ROWS.entries())
      expect(Math.abs(actual[at(row)]! / golden[i]! - 1)).toBeLessThan(tolerance)
  }

  it('regression on large targets with missing values', () => {
    const model = train({ features: formulaMatrix, target: numbers(formulaNumbers) }, PEER_PARAMS)
    const golden = [
      1949833.6661589218, 3263581.9661176996, 1549807.8594431528, 2424683.381441556, 895855.2635811046,
      3263581.9661176996, 1711349.114316427, 2493443.1103132535,
    ]
    expectRows(predicted(model, formulaMatrix), (row) => row, golden, 1e-4)
  })

  it('binary classification', () => {
    const model = train({ features: formulaMatrix, target: binary(formulaClasses) }, PEER_PARAMS)
    const golden = [
      0.24948032200336456, 0.23717479407787323, 0.8571817874908447, 0.10641457140445709, 0.08967853337526321,
      0.2094312161207199, 0.08967853337526321, 0.2094312161207199,
    ]
    expectRows(predicted(model, formulaMatrix), (row) => row * 2 + 1, golden, 1e-4)
  })

  it('weights', () => {
    const weights = Float32Array.from(FORMULA_ROWS, (i) => 1 + (i % 3))
    const model = train({ features: formulaMatrix, target: binary(formulaClasses), weights }, PEER_PARAMS)
    const golden = [
      0.3205576241016388, 0.26515311002731323, 0.8683388233184814, 0.26515311002731323, 0.08684419840574265,
      0.18000659346580505, 0.08684419840574265, 0.18000659346580505,
    ]
    expectRows(predicted(model, formulaMatrix), (row) => row * 2 + 1, golden, 1e-4)
  })

  it('growth by leaf with l1 (tree_method=hist, grow_policy=lossguide, max_leaves=5, reg_alpha=0.5)', () => {
    const params = { ...PEER_PARAMS, growth: 'leaf', maxDepth: 0, maxLeaves: 5, l1: 0.5 } as const
    const model = train({ features: formulaMatrix, target: binary(formulaClasses) }, params)
    const golden = [
      0.24956223368644714, 0.24575099349021912, 0.8413262963294983, 0.12433074414730072, 0.09761042892932892,
      0.24575099349021912, 0.12660346925258636, 0.24575099349021912,
    ]
    expectRows(predicted(model, formulaMatrix), (row) => row * 2 + 1, golden, 1e-4)
  })
})

describe('trees', () => {
  it('are single leaves where features are constant', () => {
    const features = matrix({ a: new Array(50).fill(3), b: new Array(50).fill(Number.NaN) })
    const model = train({ features, target: numbers(range(50)) }, { rounds: 5 })
    expect(model.trees.feature).toEqual(new Int32Array(5).fill(-1))
    for (const value of predicted(model, features)) expect(value).toBeCloseTo(24.5, 3)
  })

  it('respect leaf rows, leaf weight, leaves, depth and gain', () => {
    const rng = createRng(1)
    const features = matrix({ a: range(400).map(() => rng.normal()), b: range(400).map(() => rng.normal()) })
    // A few extreme rows tempt splits that would part off too few rows.
    const target = numbers(range(400).map((i) => (i % 97 === 0 ? 1000 : rng.normal())))
    const leaves = (model: BoostingModel): number[] => [
      ...model.trees.cover.filter((_, i) => model.trees.feature[i]! < 0),
    ]
    const byRows = leaves(train({ features, target }, { rounds: 8, minLeafRows: 37 }))
    expect(Math.min(...byRows)).toBeGreaterThanOrEqual(37)
    expect(byRows.length).toBeGreaterThan(16)
    const byWeight = leaves(train({ features, target }, { rounds: 8, minLeafRows: 1, minLeafWeight: 41 }))
    expect(Math.min(...byWeight)).toBeGreaterThanOrEqual(41)
    expect(leaves(train({ features, target }, { rounds: 1, maxLeaves: 5, minLeafRows: 5 })).length).toBe(5)
    expect(leaves(train({ features, target }, { rounds: 1, maxDepth: 2, minLeafRows: 1 })).length).toBe(4)
    expect(leaves(train({ features, target }, { rounds: 1, minGain: 1e9 })).length).toBe(1)
  })

  it('learn from missing values on either side', () => {
    const x = range(300).map((i) => (i % 3 === 0 ? Number.NaN : i % 2))
    for (const sign of [1, -1]) {
      const target = numbers(x.map((value) => sign * (Number.isNaN(value) ? 5 : value)))
      const features = matrix({ x })
      const model = train({ features, target }, { rounds: 100, learningRate: 0.3, l2: 0 })
      for (const [i, value] of predicted(model, features).entries())
        expect(value).toBeCloseTo(sign * (Number.isNaN(x[i]!) ? 5 : x[i]!), 3)
    }
  })

  it('send values never missing in training with the weightier side when they are missing later', () => {
    const x = range(100)
    const target = numbers(x.map((value) => (value < 30 ? 0 : 1)))
    const model = train({ features: matrix({ x }), target }, { rounds: 1, learningRate: 1, l2: 0, maxLeaves: 2 })
    expect(predicted(model, matrix({ x: [Number.NaN] }))[0]).toBeCloseTo(1, 4)
  })

  it('take infinite values as the most extreme ones', () => {
    const x = range(200).map((i) => (i < 50 ? -Infinity : i < 100 ? Infinity : i))
    const target = numbers(x.map((value) => (value === Infinity ? 3 : value === -Infinity ? -3 : 0)))
    const features = matrix({ x })
    const model = train({ features, target }, { rounds: 60, learningRate: 0.3, l2: 0 })
    expect(predicted(model, features)[0]).toBeCloseTo(-3, 2)
    expect(Number.isFinite(predicted(model, features)[60]!)).toBe(true)
  })
})

describe('laws', () => {
  const randomData = (seed: number, rows: number): { columns: Record<string, number[]>; codes: number[] } => {
    const rng = createRng(seed)
    const column = (): number[] => range(rows).map(() => (rng.next() < 0.1 ? Number.NaN : rng.normal()))
    const columns = { a: column(), b: column(), c: column(), d: column() }
    const codes = range(rows).map((i) =>
      Number((columns.a[i]! || 0) + (columns.b[i]! || 0.3) * (columns.c[i]! || 1) + rng.normal() > 0),
    )
    return { columns, codes }
  }
  const params = { rounds: 6, minLeafRows: 5, maxLeaves: 12 } as const

  // Continuous targets: with classes, different splits can have exactly equal gains, and then the first feature wins.
  it('the order of columns does not matter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const { columns, codes } = randomData(seed, 300)
        const { a, b, c, d } = columns as Record<'a' | 'b' | 'c' | 'd', number[]>
        const [one, other] = [matrix({ a, b, c, d }), matrix({ d, b, a, c })]
        const rng = createRng(seed + 1)
        const target = numbers(codes.map((code) => code + rng.normal()))
        const first = predicted(train({ features: one, target }, params), one)
        const second = predicted(train({ features: other, target }, params), other)
        for (const [i, value] of second.entries()) expect(value).toBeCloseTo(first[i]!, 12)
      }),
      { numRuns: 15 },
    )
  })

  it('monotone transforms of a feature do not matter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const { columns, codes } = randomData(seed, 300)
        const plain = matrix(columns)
        const bent = matrix({
          ...columns,
          a: columns.a!.map((v) => Math.exp(v) * 100),
          b: columns.b!.map((v) => v ** 3),
        })
        const target = binary(codes)
        const first = predicted(train({ features: plain, target }, params), plain)
        const second = predicted(train({ features: bent, target }, params), bent)
        expect([...second]).toEqual([...first])
      }),
      { numRuns: 15 },
    )
  })

  it('a weight of two is two rows', () => {
    const { columns, codes } = randomData(3, 200)
    const twice = (values: number[]): number[] => values.flatMap((value) => [value, value])
    const doubled = matrix(Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, twice(values)])))
    const features = matrix(columns)
    const weights = new Float32Array(200).fill(2)
    const limits = { ...params, minLeafRows: 1, minLeafWeight: 2 }
    const weighted = train({ features, target: binary(codes), weights }, limits)
    const repeated = train({ features: doubled, target: binary(twice(codes)) }, limits)
    const [a, b] = [predicted(weighted, features), predicted(repeated, features)]
    for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i]!, 3)
  })

  it('rows without weight do not count', () => {
    const { columns, codes } = randomData(4, 200)
    const features = matrix(columns)
    const weights = Float32Array.from(codes, (_, i) => (i % 2 === 0 ? 1 : 0))
    const flipped = codes.map((code, i) => (i % 2 === 0 ? code : 1 - code))
    const limits = { ...params, minLeafRows: 1 }
    const one = train({ features, target: binary(codes), weights }, limits)
    const other = train({ features, target: binary(flipped), weights }, limits)
    expect([...predicted(one, features)]).toEqual([...predicted(other, features)])
  })

  it('the same seed gives the same model, another seed another one where rows are sampled', () => {
    const { columns, codes } = randomData(5, 400)
    const data = { features: matrix(columns), target: binary(codes) }
    const sampled = { ...params, rowSample: 0.6, columnSample: 0.5 }
    const text = (seed: number): string => JSON.stringify(boostingModelToJson(train(data, sampled, seed)))
    expect(text(1)).toBe(text(1))
    expect(text(1)).not.toBe(text(2))
  })

  it('the history is the loss of what the model predicts, sampled or not', () => {
    const { columns, codes } = randomData(6, 500)
    const features = matrix(columns)
    const validation = randomData(7, 300)
    const held = { features: matrix(validation.columns), target: binary(validation.codes) }
    for (const rowSample of [1, 0.5]) {
      const model = train({ features, target: binary(codes), validation: held }, { ...params, rowSample })
      const logLoss = (probabilities: Float64Array, truth: number[]): number =>
        truth.reduce((sum, code, i) => sum - Math.log(probabilities[i * 2 + code]!), 0) / truth.length
      expect(model.history.train.at(-1)).toBeCloseTo(logLoss(predicted(model, features), codes), 5)
      expect(model.history.validation.at(-1)).toBeCloseTo(logLoss(predicted(model, held.features), validation.codes), 5)
    }
  })
})

describe('memory', () => {
  it('features beyond one block, and constant ones, change nothing', () => {
    const constants = Object.fromEntries(range(150).map((i) => [`constant${i}`, new Array(200).fill(i)]))
    const { a, b, c } = { a: formulaFeature(0), b: gappy, c: formulaFeature(2) }
    const entries = Object.entries(constants)
    const spread = matrix({
      a,
      ...Object.fromEntries(entries.slice(0, 70)),
      b,
      ...Object.fromEntries(entries.slice(70)),
      c,
    })
    const target = numbers(formulaNumbers)
    const narrow = predicted(train({ features: formulaMatrix, target }), formulaMatrix)
    expect([...predicted(train({ features: spread, target }), spread)]).toEqual([...narrow])
  })

  it('few histograms give the same trees, built again where they were dropped', () => {
    const job = prepareJob(
      { features: formulaMatrix, target: numbers(formulaNumbers) },
      resolveParams({ rounds: 5, minLeafRows: 3 }),
      0,
    )
    const texts = [32, 4].map((slots) => {
      const planned = planMemory(job, 1)
      const layout = { ...planned, histograms: planned.histograms.slice(0, slots) }
      const memory = allocateMemory(layout.totalBytes)
      const workspace = openWorkspace({ job, layout, memory, module: compileKernels() }, 0)
      const hooks = { onRound: () => {}, checkCancelled: () => {} }
      return JSON.stringify(boostingModelToJson(trainInWorkspace(workspace, createInlineTeam(workspace), hooks)))
    })
    expect(texts[0] === texts[1]).toBe(true)
  })
})

describe('objectives', () => {
  it('softmax learns several classes, and rows sum to one', () => {
    const rng = createRng(8)
    const x = range(900).map(() => rng.next())
    const y = range(900).map(() => rng.next())
    const codes = x.map((value, i) => (value < 0.3 ? 0 : y[i]! < 0.5 ? 1 : 2))
    const features = matrix({ x, y })
    const target: Target = { kind: 'classes', classes: ['p', 'q', 'r'], codes: Int32Array.from(codes) }
    const model = train({ features, target }, { rounds: 40 })
    const probabilities = predicted(model, features)
    let right = 0
    for (const [i, code] of codes.entries()) {
      const row = [...probabilities.subarray(i * 3, i * 3 + 3)]
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
      if (row.indexOf(Math.max(...row)) === code) right++
    }
    expect(right / 900).toBeGreaterThan(0.99)
    expect(model.history.train.at(-1)).toBeLessThan(0.05)
  })

  it('a class without rows gets next to no probability', () => {
    const target: Target = {
      kind: 'classes',
      classes: ['p', 'q', 'r'],
      codes: Int32Array.from(range(100), (i) => (i < 50 ? 0 : 2)),
    }
    const features = matrix({ x: range(100) })
    const model = train({ features, target }, { rounds: 10 })
    for (let i = 0; i < 100; i++) expect(predicted(model, features)[i * 3 + 1]).toBeLessThan(1e-4)
  })

  it('regression keeps its precision beside an extreme target', () => {
    const x = range(250)
    const target = numbers(x.map((value) => (value === 249 ? 1e9 : value)))
    const features = matrix({ x })
    const model = train({ features, target }, { rounds: 200, learningRate: 0.3, minLeafRows: 1, l2: 0 })
    const values = predicted(model, features)
    // The extreme row has 99.9999% of the variance; the others still come out in order of magnitude.
    expect(values[249]! / 1e9).toBeCloseTo(1, 3)
    expect(Math.abs(values[100]! - 100)).toBeLessThan(2000)
  })

  it('constant targets are predicted as they are', () => {
    const features = matrix({ x: range(30) })
    expect(predicted(train({ features, target: numbers(new Array(30).fill(7.25)) }), features)[3]).toBe(7.25)
  })
})

describe('early stopping', () => {
  const rng = createRng(9)
  const make = (rows: number): { features: FeatureMatrix; target: Target } => {
    const x = range(rows).map(() => rng.normal())
    const codes = x.map((value) => Number(value + 2 * rng.normal() > 0))
    return { features: matrix({ x, noise: range(rows).map(() => rng.normal()) }), target: binary(codes) }
  }
  const data = { ...make(500), validation: make(500) }

  it('keeps the rounds up to the lowest validation loss', () => {
    const model = train(data, { rounds: 500, earlyStoppingRounds: 10, learningRate: 0.3 })
    const losses = model.history.validation
    expect(model.bestRound).toBe(losses.indexOf(Math.min(...losses)) + 1)
    expect(losses.length).toBe(model.bestRound + 10)
    expect(model.trees.starts.length - 1).toBe(model.bestRound)
  })

  it('off, keeps all rounds and says which was best', () => {
    const model = train(data, { rounds: 60, learningRate: 0.3 })
    expect(model.trees.starts.length - 1).toBe(60)
    expect(model.bestRound).toBeLessThan(60)
  })
})

describe('importance', () => {
  it('shares out the gain, and names what matters first', () => {
    const model = train({ features: formulaMatrix, target: numbers(formulaNumbers) }, PEER_PARAMS)
    const importance = featureImportance(model)
    expect(importance.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect(importance.reduce((sum, { gain }) => sum + gain, 0)).toBeCloseTo(1, 12)
    expect(importance[0]!.cover).toBeGreaterThan(1)
  })
})
