import { describe, expect, it } from 'vitest'
import { createContext } from '../../core/index.ts'
import { type ColumnSchema, frameOf, type Schema, type Target } from '../../data/index.ts'
import { createGraphBuilder, createSession, type ValueRef } from '../../onnx/index.ts'
import { columnsOf } from '../../testing/transform.contract.ts'
import { type FeaturePlan, type FeatureStep, fitFeatures, fittedFeaturesFromJson } from './index.ts'

const column = (name: string, type: ColumnSchema['type'], tensor: ColumnSchema['tensor']): ColumnSchema => ({
  name,
  type,
  tensor,
  nullable: true,
  evidence: 'declared',
})

const planOf = (steps: Record<string, FeatureStep[]>): FeaturePlan => ({
  family: 'tree',
  columns: Object.entries(steps).map(([name, list]) => ({ column: name, steps: list, reason: 'test' })),
  dropped: [],
})

const classes = (codes: number[]): Target => ({ kind: 'classes', classes: ['n', 'y'], codes: Int32Array.from(codes) })

describe('fitFeatures', () => {
  const schema: Schema = {
    columns: [
      column('flat', 'number', 'double'),
      column('x', 'number', 'double'),
      column('copy', 'number', 'double'),
      column('sex', 'category', 'string'),
      column('x is missing', 'boolean', 'bool'),
    ],
  }
  const frame = frameOf({
    flat: [1, 1, 1, 1],
    x: [1, null, 3, 4],
    copy: [1, null, 3, 4],
    sex: ['f', 'm', 'f', 'm'],
    'x is missing': [1, 0, 0, 1],
  })
  const impute: FeatureStep = { kind: 'imputeNumber' }
  const steps: Record<string, FeatureStep[]> = {
    flat: [{ kind: 'passNumber' }],
    x: [impute],
    copy: [impute],
    sex: [{ kind: 'oneHot' }],
    'x is missing': [{ kind: 'passNumber' }],
  }

  it('leaves out constant features, copies, and columns that no feature needs', async () => {
    const { fitted, training } = await fitFeatures(planOf(steps), frame, schema, classes([0, 1, 0, 1]), createContext())
    // The column 'x is missing' and the indicator of x have one name: the second is numbered.
    expect(fitted.featureNames).toEqual(['x is missing', 'x', 'x is missing (2)', 'sex=f', 'sex=m'])
    expect(fitted.inputs.map(({ name }) => name).sort()).toEqual(['sex', 'x', 'x is missing'])
    expect(fitted.transform(frame)).toEqual(training)
    expect(fitted.describe().flatMap(({ outputs }) => outputs)).toEqual(fitted.featureNames)
    expect(training.values.every((values) => values.buffer instanceof SharedArrayBuffer)).toBe(true)
  })

  it('compiles what is kept', async () => {
    const { fitted, training } = await fitFeatures(planOf(steps), frame, schema, classes([0, 1, 0, 1]), createContext())
    const builder = createGraphBuilder({ name: 'features' })
    const raw = new Map<string, ValueRef>()
    expect(() => fitted.compile(builder, raw)).toThrow(/lacks the raw column/)
    for (const { name, tensor } of fitted.inputs) raw.set(name, builder.input(name, tensor, ['N', 1]))
    builder.output('features', fitted.compile(builder, raw), 'float', ['N', 5])
    await using session = await createSession(builder.build())
    const { features } = await session.run({
      x: { type: 'double', shape: [4, 1], data: Float64Array.of(1, Number.NaN, 3, 4) },
      sex: { type: 'string', shape: [4, 1], data: ['f', 'm', 'f', 'm'] },
      'x is missing': { type: 'bool', shape: [4, 1], data: Uint8Array.of(1, 0, 0, 1) },
    })
    expect(columnsOf(features!)).toEqual(training.values.map((values) => Float32Array.from(values)))
  })

  it('says what is wrong with a plan', async () => {
    const fit = (list: Record<string, FeatureStep[]>, target = classes([0, 1, 0, 1])) =>
      fitFeatures(planOf(list), frame, schema, target, createContext())
    await expect(fit({ flat: [{ kind: 'passNumber' }] })).rejects.toMatchObject({ code: 'PROBLEM_NO_FEATURES' })
    await expect(fit({ ghost: [{ kind: 'passNumber' }] })).rejects.toMatchObject({ code: 'DATA_COLUMN_UNKNOWN' })
    await expect(fit({ sex: [{ kind: 'passNumber' }] })).rejects.toMatchObject({
      code: 'FEATURE_INVALID',
      message: /step 'number' does not fit column 'sex'/,
    })
    await expect(fit({ sex: [{ kind: 'wordTfidf', minDocuments: 9 }] })).rejects.toThrow(/no word in 9 or more rows/)
    await expect(fit({ sex: [{ kind: 'custom', name: 'mine' }] })).rejects.toThrow(/no transform 'mine'/)
    await expect(fit({ x: [impute] }, classes([0, 1]))).rejects.toMatchObject({ code: 'TRAIN_INPUT' })
  })

  it('stops where it is cancelled', async () => {
    const context = createContext({ signal: AbortSignal.abort() })
    await expect(fitFeatures(planOf(steps), frame, schema, classes([0, 1, 0, 1]), context)).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  it('refuses stored features that are malformed', async () => {
    const { fitted } = await fitFeatures(planOf(steps), frame, schema, classes([0, 1, 0, 1]), createContext())
    const json = JSON.parse(JSON.stringify(fitted.toJson()))
    for (const broken of [
      null,
      { ...json, format: 2 },
      { ...json, kept: [99] },
      { ...json, kept: [1, 0] },
      { ...json, parts: json.parts.map((part: object) => ({ ...part, transform: 'ghost' })) },
      { ...json, parts: json.parts.map((part: object) => ({ ...part, state: { ops: [{ op: 'rm' }] } })) },
    ])
      expect(() => fittedFeaturesFromJson(broken)).toThrow(expect.objectContaining({ code: 'FEATURE_INVALID' }))
  })
})

describe('target encoding', () => {
  const schema: Schema = { columns: [column('id', 'category', 'string')] }

  it('does not show a training row its own target', async () => {
    const rowCount = 2000
    const context = createContext({ seed: 5 })
    const random = context.rng.fork('labels')
    const codes = Array.from({ length: rowCount }, () => random.int(2))
    const frame = frameOf({ id: codes.map((_, i) => `level ${i % 1000}`) })
    const { training, fitted } = await fitFeatures(
      planOf({ id: [{ kind: 'targetEncoding', smoothing: 1 }] }),
      frame,
      schema,
      classes(codes),
      context,
    )
    const inSample = fitted.transform(frame).values[0]!
    expect(correlation(inSample, codes)).toBeGreaterThan(0.5)
    expect(Math.abs(correlation(training.values[0]!, codes))).toBeLessThan(0.1)
  })
})

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length
  const mean = (v: ArrayLike<number>) => Array.from(v).reduce((sum, x) => sum + x, 0) / n
  const [meanA, meanB] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    ab += (a[i]! - meanA) * (b[i]! - meanB)
    aa += (a[i]! - meanA) ** 2
    bb += (b[i]! - meanB) ** 2
  }
  return ab / Math.sqrt(aa * bb)
}
