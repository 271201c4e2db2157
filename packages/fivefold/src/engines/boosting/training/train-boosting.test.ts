import { describe, expect, it } from 'vitest'
import { createContext, createRng, type FivefoldError, type ProgressEvent } from '../../../core/index.ts'
import { allocateFeature, type Target } from '../../../data/index.ts'
import { type BoostingParams, boostingModelToJson, predictBoosting, trainBoosting } from '../index.ts'
import { resolveParams } from '../parameters.ts'
import type { TrainingData } from './labelled-rows.ts'
import { trainSynchronously } from './train-synchronously.ts'
import { prepareJob } from './training-data.ts'

const ROWS = 40_000
const FEATURES = 12

/** Enough values that a second thread takes part. */
function wideData(rowCount = ROWS): TrainingData {
  const rng = createRng(11)
  const values = Array.from({ length: FEATURES }, () => {
    const column = allocateFeature(rowCount)
    for (let i = 0; i < rowCount; i++) column[i] = rng.next() < 0.05 ? Number.NaN : rng.normal()
    return column
  })
  const codes = Int32Array.from({ length: rowCount }, (_, i) =>
    Number((values[0]![i] || 0) * 2 + (values[1]![i] || 0) + rng.normal() > 0),
  )
  const names = values.map((_, i) => `f${i}`)
  return { features: { rowCount, names, values }, target: { kind: 'classes', classes: ['no', 'yes'], codes } }
}

function smallData(): TrainingData {
  const x = Float32Array.from({ length: 60 }, (_, i) => i)
  const codes = Int32Array.from({ length: 60 }, (_, i) => i % 2)
  return {
    features: { rowCount: 60, names: ['x'], values: [x] },
    target: { kind: 'classes', classes: ['a', 'b'], codes },
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'no error',
    (error: FivefoldError) => `${error.code}: ${error.message}`,
  )
}

describe('training in worker threads', () => {
  it('gives the same bytes with one thread, two and three, and in the calling thread', async () => {
    const data = wideData()
    const params: Partial<BoostingParams> = { rounds: 8, rowSample: 0.8, minLeafRows: 50 }
    const seed = createContext({ seed: 3 })
      .rng.fork('boosting')
      .int(2 ** 32)
    const inline = trainSynchronously(prepareJob(data, resolveParams(params), seed))
    const expected = JSON.stringify(boostingModelToJson(inline))
    for (const threads of [1, 2, 3]) {
      const model = await trainBoosting(data, params, createContext({ seed: 3, threads }))
      expect(JSON.stringify(boostingModelToJson(model)) === expected).toBe(true)
    }
  })

  it('reports each round, with the losses', async () => {
    const events: ProgressEvent[] = []
    const data = smallData()
    const context = createContext({ progress: (event) => events.push(event) })
    await trainBoosting({ ...data, validation: data }, { rounds: 4 }, context)
    expect(events.map(({ stage, done, total }) => [stage, done, total])).toEqual(
      [1, 2, 3, 4].map((round) => ['boosting', round, 4]),
    )
    expect(events[0]!.note).toMatch(/^loss 0\.\d+, validation 0\.\d+$/)
  })

  it('stops soon after it is cancelled', async () => {
    const controller = new AbortController()
    let rounds = 0
    const progress = (): void => {
      rounds++
      if (rounds === 3) controller.abort()
    }
    const training = trainBoosting(
      wideData(),
      { rounds: 100_000 },
      createContext({ signal: controller.signal, progress, threads: 2 }),
    )
    expect(await codeOf(training)).toBe('CANCELLED: interrupted')
    expect(rounds).toBeLessThan(1000)
    const late = trainBoosting(smallData(), {}, createContext({ signal: controller.signal }))
    expect(await codeOf(late)).toBe('CANCELLED: interrupted')
  })

  it('fails with what the progress sink throws', async () => {
    const progress = (): void => {
      throw new Error('the sink is full')
    }
    await expect(trainBoosting(smallData(), {}, createContext({ progress }))).rejects.toThrow('the sink is full')
  })

  it('leaves the data as it was', async () => {
    const data = smallData()
    const before = [...data.features.values[0]!]
    await trainBoosting(data, { rounds: 2 }, createContext())
    expect([...data.features.values[0]!]).toEqual(before)
  })
})

describe('what is refused', () => {
  const training = (data: Partial<TrainingData>, params: object = {}): Promise<string> =>
    codeOf(trainBoosting({ ...smallData(), ...data }, params as Partial<BoostingParams>, createContext()))

  it('parameters that are unknown or out of range, all named', async () => {
    const text = await training({}, { rounds: 0, learningRate: 2, depth: 3 })
    expect(text).toMatch(/^OPTION_INVALID: .*rounds.*learningRate.*depth/)
    expect(await training({}, { maxBins: 256 })).toMatch(/^OPTION_INVALID: .*maxBins/)
    expect(await training({}, { minLeafRows: 1.5 })).toMatch(/^OPTION_INVALID: .*minLeafRows/)
    expect(await training({}, { l2: Number.NaN })).toMatch(/^OPTION_INVALID: .*l2/)
    expect(await training({}, { earlyStoppingRounds: 5 })).toMatch(/^OPTION_INVALID: .*validation/)
  })

  it('data of differing lengths', async () => {
    const { features, target } = smallData()
    const short = { ...features, values: [new Float32Array(59)] }
    expect(await training({ features: short })).toMatch(/^TRAIN_INPUT: .*'x' has 59 values, expected 60/)
    const codes = new Int32Array(61)
    expect(await training({ target: { ...target, codes } as Target })).toMatch(/^TRAIN_INPUT: .*61 values/)
    expect(await training({ weights: new Float32Array(3) })).toMatch(/^TRAIN_INPUT: .*3 weights for 60 training rows/)
    const none = { rowCount: 60, names: [], values: [] }
    expect(await training({ features: none })).toMatch(/^TRAIN_INPUT: .*no features/)
    expect(await training({ features: { rowCount: 0, names: ['x'], values: [new Float32Array(0)] } })).toMatch(
      /^TRAIN_INPUT: .*no rows/,
    )
  })

  it('targets and weights that cannot be learned from', async () => {
    const one: Target = { kind: 'classes', classes: ['a', 'b'], codes: new Int32Array(60) }
    expect(await training({ target: one })).toMatch(/^TRAIN_INPUT: .*one class only \('a'\)/)
    const code: Target = { kind: 'classes', classes: ['a', 'b'], codes: new Int32Array(60).fill(2, 7, 8) }
    expect(await training({ target: code })).toMatch(/^TRAIN_INPUT: .*class code 2 in row 7/)
    const gap: Target = { kind: 'number', values: new Float64Array(60).fill(Number.NaN, 5) }
    expect(await training({ target: gap })).toMatch(/^TRAIN_INPUT: .*NaN in row 5/)
    expect(await training({ weights: new Float32Array(60).fill(-1, 2) })).toMatch(
      /^TRAIN_INPUT: .*weight of training row 2/,
    )
    expect(await training({ weights: new Float32Array(60) })).toMatch(/^TRAIN_INPUT: .*all training weights are zero/)
    expect(await training({ validation: { ...smallData(), target: gap } })).toMatch(
      /^TRAIN_INPUT: the validation|TRAIN_INPUT: .*validation/,
    )
  })

  it('features that the model was not trained on', async () => {
    const data = smallData()
    const model = await trainBoosting(data, { rounds: 2 }, createContext())
    const other = { ...data.features, names: ['y'] }
    expect(() => predictBoosting(model, other)).toThrow(/expects the features x/)
    expect(() => predictBoosting(model, { ...data.features, rowCount: 61 })).toThrow(/60 values, expected 61/)
  })
})
