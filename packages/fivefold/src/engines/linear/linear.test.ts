import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createContext, createRng, type ProgressEvent } from '../../core/index.ts'
import type { FeatureMatrix, Target } from '../../data/index.ts'
import { createGraphBuilder, createSession } from '../../onnx/index.ts'
import {
  compileLinear,
  type LinearModel,
  linearCoefficients,
  linearFromJson,
  linearToJson,
  predictLinear,
  trainLinear,
} from './index.ts'

/** Rows with correlated features of unlike scales, and a score that depends on some of them. */
function makeRows(rowCount: number, width: number, seed = 1): { features: FeatureMatrix; scores: Float64Array } {
  const rng = createRng(seed)
  const scores = new Float64Array(rowCount)
  const values = Array.from({ length: width }, (_, j) => {
    const scale = 10 ** ((j % 5) - 2)
    const weight = j % 3 === 2 ? 0 : rng.normal()
    return Float32Array.from({ length: rowCount }, (__, i) => {
      const z = rng.normal() + 0.3 * Math.sin(i)
      scores[i]! += weight * z
      return scale * (z + 2)
    })
  })
  return { features: { rowCount, names: values.map((_, j) => `f${j}`), values }, scores }
}

const classesOf = (scores: Float64Array, count: number): Target => ({
  kind: 'classes',
  classes: Array.from({ length: count }, (_, k) => `c${k}`),
  codes: Int32Array.from(scores, (s, i) => Math.max(0, Math.min(count - 1, Math.floor(s + (i % 2) + count / 2)))),
})
const numberOf = (scores: Float64Array): Target => ({ kind: 'number', values: scores.map((s, i) => 3 * s + (i % 7)) })

/** Gradient of the loss at a model by the definition, row by row; [scores x features], then intercepts. */
function lossGradient(model: LinearModel, features: FeatureMatrix, target: Target): number[] {
  const predictions = predictLinear(model, features)
  const width = features.values.length
  const scoreCount = model.intercepts.length
  const gradient = new Array<number>(scoreCount * (width + 1)).fill(0)
  for (let i = 0; i < features.rowCount; i++) {
    for (let k = 0; k < scoreCount; k++) {
      let residual: number
      if (predictions.kind === 'number')
        residual = predictions.values[i]! - (target.kind === 'number' ? target.values[i]! : 0)
      else {
        const klass = model.kind === 'binary' ? 1 : k
        const own = target.kind === 'classes' && target.codes[i] === klass ? 1 : 0
        residual = predictions.probabilities[i * predictions.classes.length + klass]! - own
      }
      for (let j = 0; j < width; j++) gradient[k * width + j]! += residual * features.values[j]![i]!
      gradient[scoreCount * width + k]! += residual
    }
  }
  return gradient
}

/** How far the model is from the conditions of a minimum, a row and in units of each feature's scale. */
function optimalityGap(model: LinearModel, features: FeatureMatrix, target: Target): number {
  const { l1, l2 } = model.params
  const width = features.values.length
  const gaps = lossGradient(model, features, target).map((g, at) => {
    if (at >= model.coefficients.length) return Math.abs(g)
    const w = model.coefficients[at]!
    const smooth = g + l2 * w
    const gap = w === 0 ? Math.max(0, Math.abs(smooth) - l1) : Math.abs(smooth + Math.sign(w) * l1)
    const scale = model.scales[at % width]!
    return scale === 0 ? 0 : gap / scale
  })
  return Math.max(...gaps) / features.rowCount
}

describe('trainLinear', () => {
  it.each([
    ['logistic', 2, 8, { l2: 1 }],
    ['logistic with l1', 2, 8, { l1: 5, l2: 0.5 }],
    ['softmax', 4, 8, { l2: 1 }],
    ['softmax with l1', 4, 8, { l1: 5, l2: 0.5, maxIterations: 2000 }],
    ['ridge by Cholesky', 0, 8, { l2: 1 }],
    ['ridge by conjugate gradients', 0, 520, { l2: 100, tolerance: 1e-7, maxIterations: 3000 }],
    ['elastic net over the Gram matrix', 0, 8, { l1: 20, l2: 1 }],
    ['elastic net over rows', 0, 520, { l1: 300, l2: 10, tolerance: 1e-6 }],
  ])('%s ends in the minimum', async (_name, classCount, width, params) => {
    const { features, scores } = makeRows(150, width)
    const target = classCount === 0 ? numberOf(scores) : classesOf(scores, classCount)
    const model = await trainLinear({ features, target }, { tolerance: 1e-9, ...params }, createContext())
    expect(model.converged).toBe(true)
    expect(optimalityGap(model, features, target)).toBeLessThan(1e-4)
  })

  it('gives the same bits with any number of threads', async () => {
    const { features, scores } = makeRows(60_000, 9)
    for (const target of [classesOf(scores, 2), classesOf(scores, 3), numberOf(scores)]) {
      const models = await Promise.all(
        [1, 2, 3].map((threads) =>
          trainLinear({ features, target }, { maxIterations: 20 }, createContext({ threads })),
        ),
      )
      for (const model of models) expect(linearToJson(model)).toEqual(linearToJson(models[0]!))
    }
  })

  it('treats a weight as repeated rows', async () => {
    const { features, scores } = makeRows(60, 3)
    const target = classesOf(scores, 2)
    const twice = (column: Float32Array): Float32Array => Float32Array.of(...column, ...column)
    const doubled = { ...features, rowCount: 120, values: features.values.map(twice) }
    const codes = target.kind === 'classes' ? target.codes : new Int32Array()
    const doubledTarget: Target = { kind: 'classes', classes: ['c0', 'c1'], codes: Int32Array.of(...codes, ...codes) }
    const weights = new Float32Array(60).fill(2)
    const params = { tolerance: 1e-10 }
    const weighted = await trainLinear({ features, target, weights }, params, createContext())
    const repeated = await trainLinear({ features: doubled, target: doubledTarget }, params, createContext())
    expect([...weighted.coefficients].map((w) => w.toFixed(6))).toEqual(
      [...repeated.coefficients].map((w) => w.toFixed(6)),
    )
  })

  it('without penalty predicts the same whatever the units of the features', async () => {
    const { features, scores } = makeRows(80, 3)
    const base = { target: classesOf(scores, 2), params: { l2: 0, tolerance: 1e-10 } }
    const plain = predictLinear(
      await trainLinear({ features, target: base.target }, base.params, createContext()),
      features,
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 3, maxLength: 3 }), async (exponents) => {
        // Powers of two leave the digits of float32 values as they are.
        const values = features.values.map((column, j) => column.map((x) => x * 2 ** exponents[j]!))
        const scaled = { ...features, values }
        const model = await trainLinear({ features: scaled, target: base.target }, base.params, createContext())
        const predictions = predictLinear(model, scaled)
        if (plain.kind !== 'classes' || predictions.kind !== 'classes') throw new Error('expected classes')
        plain.probabilities.forEach((p, i) => {
          expect(Math.abs(p - predictions.probabilities[i]!)).toBeLessThan(1e-5)
        })
      }),
      { numRuns: 15 },
    )
  })

  it('stays finite on separable classes, with and without penalty', async () => {
    const values = [Float32Array.from({ length: 40 }, (_, i) => i - 19.5)]
    const features = { rowCount: 40, names: ['x'], values }
    const target: Target = {
      kind: 'classes',
      classes: ['a', 'b'],
      codes: Int32Array.from(values[0]!, (x) => Number(x > 0)),
    }
    const penalised = await trainLinear({ features, target }, { l2: 1 }, createContext())
    expect(penalised.converged).toBe(true)
    expect(Math.abs(penalised.coefficients[0]!)).toBeLessThan(10)
    const free = await trainLinear({ features, target }, { l2: 0 }, createContext())
    expect(Number.isFinite(free.coefficients[0]!)).toBe(true)
  })

  it('gives constant and repeated features no more than their due', async () => {
    const { features, scores } = makeRows(100, 3)
    const values = [...features.values, new Float32Array(100).fill(7), features.values[0]!]
    const wide = { rowCount: 100, names: ['a', 'b', 'c', 'constant', 'a again'], values }
    for (const target of [classesOf(scores, 2), numberOf(scores)]) {
      for (const l2 of [0, 1]) {
        const model = await trainLinear({ features: wide, target }, { l2 }, createContext())
        expect(model.coefficients[3]).toBe(0)
        expect(model.coefficients.every(Number.isFinite)).toBe(true)
        expect(model.coefficients[0]).toBeCloseTo(model.coefficients[4]!, 3)
      }
    }
  })

  it('keeps its digits where a feature has a large mean', async () => {
    const { scores } = makeRows(200, 2)
    const values = [Float32Array.from(scores, (s) => 1e6 + Math.round(s * 8) / 8)]
    const features = { rowCount: 200, names: ['x'], values }
    const target: Target = { kind: 'number', values: Float64Array.from(values[0]!, (x) => 2 * x - 5) }
    const model = await trainLinear({ features, target }, { l2: 0 }, createContext())
    expect(model.coefficients[0]).toBeCloseTo(2, 9)
  })

  it('learns more classes than a fold holds', async () => {
    const { features, scores } = makeRows(50, 2)
    const target = { ...classesOf(scores, 2), classes: ['a', 'b', 'never'] } as Target
    const model = await trainLinear({ features, target }, {}, createContext())
    const predictions = predictLinear(model, features)
    if (predictions.kind !== 'classes') throw new Error('expected classes')
    for (let i = 2; i < 150; i += 3) expect(predictions.probabilities[i]).toBeLessThan(0.1)
  })
})

describe('refusals', () => {
  const { features, scores } = makeRows(20, 2)
  const target = classesOf(scores, 2)
  const train = (data: Parameters<typeof trainLinear>[0], params = {}) => trainLinear(data, params, createContext())

  it('name the feature and row', async () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const values = [features.values[0]!, features.values[1]!.map((x, i) => (i === 4 ? bad : x))]
      const failing = train({ features: { ...features, values }, target })
      await expect(failing).rejects.toMatchObject({ code: 'TRAIN_INPUT', message: /'f1'.*row 4/ })
    }
  })

  it('cover lengths, codes, classes and weights', async () => {
    const one: Target = { kind: 'classes', classes: ['a', 'b'], codes: new Int32Array(20) }
    const alien: Target = { kind: 'classes', classes: ['a', 'b'], codes: new Int32Array(20).fill(2) }
    const short: Target = { kind: 'number', values: new Float64Array(3) }
    const missing: Target = { kind: 'number', values: new Float64Array(20).fill(Number.NaN) }
    for (const bad of [one, alien, short, missing])
      await expect(train({ features, target: bad })).rejects.toMatchObject({ code: 'TRAIN_INPUT' })
    for (const weights of [new Float32Array(20), new Float32Array(3), new Float32Array(20).fill(-1)])
      await expect(train({ features, target, weights })).rejects.toMatchObject({ code: 'TRAIN_INPUT' })
    await expect(train({ features: { rowCount: 0, names: [], values: [] }, target })).rejects.toMatchObject({
      code: 'TRAIN_INPUT',
    })
  })

  it('cover unknown and senseless parameters', async () => {
    for (const params of [{ l2: -1 }, { learningRate: 1 }, { maxIterations: 0.5 }, { tolerance: Number.NaN }])
      await expect(train({ features, target }, params)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  it('stop at once when cancelled, and free the threads', async () => {
    const { features: many, scores: manyScores } = makeRows(100_000, 10)
    const controller = new AbortController()
    const seen: ProgressEvent[] = []
    const context = createContext({
      signal: controller.signal,
      threads: 2,
      progress: (event) => {
        seen.push(event)
        controller.abort()
      },
    })
    const running = trainLinear({ features: many, target: classesOf(manyScores, 3) }, { tolerance: 1e-12 }, context)
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(seen[0]).toMatchObject({ stage: 'linear', total: 300 })
    await expect(trainLinear({ features, target }, {}, context)).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('a trained model', () => {
  const { features, scores } = makeRows(50, 6)

  it.each([2, 3, 0])('predicts in the graph what it predicts here (%i classes)', async (classCount) => {
    const target = classCount === 0 ? numberOf(scores) : classesOf(scores, classCount)
    const model = await trainLinear({ features, target }, {}, createContext())
    const builder = createGraphBuilder({ name: 'linear' })
    const matrix = builder.input('matrix', 'float', ['N', 6])
    builder.output('answer', compileLinear(model, builder, matrix), 'float', ['N', classCount || 1])
    await using session = await createSession(builder.build())
    const data = Float32Array.from({ length: 300 }, (_, at) => features.values[at % 6]![Math.floor(at / 6)]!)
    const { answer } = await session.run({ matrix: { type: 'float', shape: [50, 6], data } })
    const predictions = predictLinear(model, features)
    const expected = predictions.kind === 'classes' ? predictions.probabilities : predictions.values
    expect(answer!.shape).toEqual([50, classCount || 1])
    expected.forEach((value, i) => {
      expect(Math.abs(Number(answer!.data[i]) - value)).toBeLessThan(2e-4 * Math.max(1, Math.abs(value)))
    })
  })

  it('comes back from JSON to the last bit', async () => {
    const model = await trainLinear({ features, target: classesOf(scores, 3) }, {}, createContext())
    const copy = linearFromJson(JSON.parse(JSON.stringify(linearToJson(model))))
    expect(copy).toEqual(model)
    for (const bad of [
      null,
      {},
      { ...linearToJson(model), intercepts: [1] },
      { ...linearToJson(model), format: 'other' },
    ])
      expect(() => linearFromJson(bad)).toThrow(/not a saved linear model/)
  })

  it('lists its coefficients by feature', async () => {
    const model = await trainLinear({ features, target: classesOf(scores, 3) }, {}, createContext())
    const listed = linearCoefficients(model)
    expect(listed.map(({ name }) => name)).toEqual(features.names)
    expect(listed[2]!.values).toEqual([2, 8, 14].map((at) => model.coefficients[at]))
  })

  it('refuses other features than it was trained on', async () => {
    const model = await trainLinear({ features, target: numberOf(scores) }, {}, createContext())
    expect(() => predictLinear(model, { ...features, names: ['f0', 'f2', 'f1', 'f3', 'f4', 'f5'] })).toThrow(/'f2'/)
    expect(() => predictLinear(model, { ...features, names: features.names.slice(0, 5) })).toThrow(/absent/)
  })
})
