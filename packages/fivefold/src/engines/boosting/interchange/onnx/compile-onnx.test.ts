import { describe, expect, it } from 'vitest'
import { createRng } from '../../../../core/index.ts'
import type { FeatureMatrix, Target } from '../../../../data/index.ts'
import { createGraphBuilder, createSession } from '../../../../onnx/index.ts'
import type { BoostingModel } from '../../model/model.ts'
import { boostingModelFromJson, boostingModelToJson } from '../../model/model-json.ts'
import { type BoostingParams, resolveParams } from '../../parameters.ts'
import { predictBoosting } from '../../predictor/predict.ts'
import { trainSynchronously } from '../../training/train-synchronously.ts'
import { prepareJob } from '../../training/training-data.ts'
import { compileBoosting } from './compile-onnx.ts'

const ROWS = 600

/** Values on a coarse grid with gaps: many rows lie exactly on a threshold's neighbours. */
function gridMatrix(seed: number, gaps: boolean): FeatureMatrix {
  const rng = createRng(seed)
  const values = [0, 1, 2].map(() =>
    Float32Array.from({ length: ROWS }, () => (gaps && rng.next() < 0.15 ? Number.NaN : rng.int(40) / 7)),
  )
  return { rowCount: ROWS, names: ['a', 'b', 'c'], values }
}

function targetFor({ values }: FeatureMatrix, classCount: number): Target {
  const signal = Float64Array.from({ length: ROWS }, (_, i) => {
    const [a, b, c] = values.map((column) => column[i]!)
    return (Number.isNaN(a!) ? 4 : a!) + (Number.isNaN(b!) ? -2 : b! * (c! > 3 ? 1 : -1))
  })
  if (classCount === 0) return { kind: 'number', values: signal.map((value) => value * 1e5 + 3e6) }
  const codes = Int32Array.from(signal, (value) => Math.max(0, Math.min(classCount - 1, Math.floor(value / 2))))
  return { kind: 'classes', classes: ['x', 'y', 'z'].slice(0, classCount), codes }
}

function train(features: FeatureMatrix, target: Target, params: Partial<BoostingParams> = {}): BoostingModel {
  return trainSynchronously(prepareJob({ features, target }, resolveParams({ rounds: 30, ...params }), 1))
}

async function runGraph(model: BoostingModel, { rowCount, values }: FeatureMatrix): Promise<number[]> {
  const builder = createGraphBuilder({ name: 'boosting' })
  const width = values.length
  const result = compileBoosting(model, builder, builder.input('features', 'float', ['N', width]))
  builder.output('result', result, 'float', ['N', Math.max(1, model.classes.length)])
  const data = Float32Array.from({ length: rowCount * width }, (_, i) => values[i % width]![Math.floor(i / width)]!)
  await using session = await createSession(builder.build())
  const outputs = await session.run({ features: { type: 'float', shape: [rowCount, width], data } })
  expect(outputs.result!.shape).toEqual([rowCount, Math.max(1, model.classes.length)])
  return [...(outputs.result!.data as Float32Array)]
}

function expectSame(model: BoostingModel, features: FeatureMatrix, graph: readonly number[], tolerance: number): void {
  const predictions = predictBoosting(model, features)
  const ours = predictions.kind === 'number' ? predictions.values : predictions.probabilities
  expect(graph.length).toBe(ours.length)
  for (const [i, value] of graph.entries()) expect(Math.abs(value / ours[i]! - 1)).toBeLessThan(tolerance)
}

describe('the model as an ONNX graph, run by ONNX Runtime', () => {
  it.each([
    ['binary', 2],
    ['three classes', 3],
    ['regression', 0],
  ])('%s agrees on every row, missing values included', async (_, classCount) => {
    for (const gapsInTraining of [true, false]) {
      const features = gridMatrix(1, gapsInTraining)
      const model = train(features, targetFor(features, classCount))
      const unseen = gridMatrix(2, true)
      expectSame(model, unseen, await runGraph(model, unseen), 1e-5)
    }
  })

  it('agrees at thresholds, their neighbours, and beyond all values', async () => {
    const features = gridMatrix(3, true)
    const model = train(features, targetFor(features, 2))
    const edges = [...model.trees.threshold].filter((_, i) => model.trees.feature[i] === 0).slice(0, 60)
    const nextUp = (value: number): number => Math.fround(value * (1 + 2 ** -23))
    const probes = Float32Array.from([...edges, ...edges.map(nextUp), Infinity, -Infinity, 3.4e38, -3.4e38, 0])
    const fill = (value: number): Float32Array => new Float32Array(probes.length).fill(value)
    const unseen = { rowCount: probes.length, names: features.names, values: [probes, fill(2), fill(Number.NaN)] }
    expectSame(model, unseen, await runGraph(model, unseen), 1e-5)
  })

  it('holds where missing or not is all that matters', async () => {
    const values = [Float32Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? Number.NaN : 5))]
    const features = { rowCount: 100, names: ['a'], values }
    const target: Target = {
      kind: 'classes',
      classes: ['n', 'y'],
      codes: Int32Array.from({ length: 100 }, (_, i) => Number(i % 3 === 0)),
    }
    const model = train(features, target)
    expectSame(model, features, await runGraph(model, features), 1e-5)
    expect(predictBoosting(model, features)).toMatchObject({ kind: 'classes' })
  })

  it('holds for trees that are single leaves', async () => {
    const features = { rowCount: 40, names: ['a'], values: [new Float32Array(40).fill(1)] }
    const target: Target = { kind: 'number', values: Float64Array.from({ length: 40 }, (_, i) => i) }
    const model = train(features, target, { rounds: 3 })
    expectSame(model, features, await runGraph(model, features), 1e-5)
  })
})

describe('the model as JSON', () => {
  const features = gridMatrix(4, true)
  const model = train(features, targetFor(features, 3), { rounds: 5 })

  it('comes back as it was', () => {
    const text = JSON.stringify(boostingModelToJson(model))
    const back = boostingModelFromJson(JSON.parse(text))
    expect(JSON.stringify(boostingModelToJson(back)) === text).toBe(true)
    expect(predictBoosting(back, features)).toEqual(predictBoosting(model, features))
  })

  it('is refused where it is damaged', () => {
    const json = boostingModelToJson(model)
    const encode = (array: ArrayBufferView): string => Buffer.from(array.buffer as ArrayBuffer).toString('base64')
    const loop = Uint32Array.from(model.trees.left).fill(0)
    const stray = Int32Array.from(model.trees.feature, (feature) => (feature < 0 ? feature : 99))
    const broken: [unknown, RegExp][] = [
      [null, /not a boosting model/],
      [{ ...json, format: 'fivefold.boosting/9' }, /format/],
      [{ ...json, surprise: 1 }, /surprise/],
      [{ ...json, classes: ['x'] }, /1 classes/],
      [{ ...json, trees: { ...json.trees, left: encode(loop) } }, /children at 0/],
      [{ ...json, trees: { ...json.trees, feature: encode(stray) } }, /tests feature 99 of 3/],
      [{ ...json, trees: { ...json.trees, value: json.trees.value.slice(0, 48) } }, /nodes, expected/],
      [{ ...json, trees: { ...json.trees, starts: '' } }, /starts/],
    ]
    for (const [value, message] of broken) expect(() => boostingModelFromJson(value)).toThrow(message)
  })
})
