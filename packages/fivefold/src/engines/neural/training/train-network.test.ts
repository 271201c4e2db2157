import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { createSession, encodeModel, floats } from '../../../onnx/index.ts'
import { dense } from '../layers/dense.ts'
import { crossEntropy } from '../losses/cross-entropy.ts'
import { defineNetwork, tensor } from '../network/network.ts'
import type { Weights } from '../network/weights.ts'
import { adam, adamw, sgd } from '../optimizer/index.ts'
import { type TrainedNetwork, trainNetwork } from './train-network.ts'
import type { BatchSource, CheckpointOptions, TrainingOptions } from './training-options.ts'
import type { Batch } from './training-plan.ts'

const rings = defineNetwork({
  name: 'rings',
  inputs: { point: tensor('float', 2) },
  forward: (scope, { point }) => {
    const hidden = dense(scope, 'hidden', point, { units: 16, activation: 'tanh' })
    return { logits: dense(scope, 'head', hidden, { units: 2 }) }
  },
})

/** Points within and around a circle: no line tells them apart. */
function ringBatches(batchSize: number, batchCount: number): BatchSource {
  return {
    batchSize,
    batchCount,
    *epoch(epoch, firstBatch) {
      for (let b = firstBatch; b < batchCount; b++) {
        const { rng } = createContext({ seed: 100 * epoch + b })
        const label = BigInt64Array.from({ length: batchSize }, () => BigInt(rng.int(2)))
        const point = new Float32Array(2 * batchSize)
        label.forEach((ring, i) => {
          const angle = 2 * Math.PI * rng.next()
          const radius = 0.5 + Number(ring) + 0.2 * rng.next()
          point.set([radius * Math.cos(angle), radius * Math.sin(angle)], 2 * i)
        })
        yield { fields: { point, label } }
      }
    },
  }
}

const options = {
  data: ringBatches(32, 20),
  targets: { label: tensor('int64') },
  loss: crossEntropy({ output: 'logits', target: 'label' }),
  optimizer: adam({ learningRate: 0.02 }),
  epochs: 12,
} satisfies TrainingOptions

const train = (changes: Partial<TrainingOptions> = {}, seed = 3) =>
  trainNetwork(rings, { ...options, ...changes } as TrainingOptions, createContext({ seed, threads: 1 }))

/** Saves checkpoints and fails at the one after `count`, as a killed process would. */
function crashAfter(count: number): { readonly saved: Uint8Array[]; readonly checkpoint: CheckpointOptions } {
  const saved: Uint8Array[] = []
  const save = async (bytes: Uint8Array): Promise<void> => {
    if (saved.length === count) throw new Error('the power is gone')
    saved.push(bytes)
  }
  return { saved, checkpoint: { save, everySteps: 7 } }
}

/** Two workers are refused where there is one core. */
const threadCounts = [1, 2].filter((count) => count <= availableParallelism())

describe('trainNetwork', () => {
  it('learns, and its model predicts any number of rows', async () => {
    const trained = await train()
    expect(trained.history.map((entry) => entry.epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(trained.history.at(-1)!['train/loss']).toBeLessThan(0.1)
    await using session = await createSession(encodeModel(trained.toOnnx()))
    const { logits } = await session.run({ point: floats([0.6, 0, 0, 1.6, -1.5, 0], [3, 2]) })
    const [a, b, c, d, e, f] = logits!.data as Float32Array
    expect([a! > b!, c! > d!, e! > f!]).toEqual([true, false, false])
  })

  it('gives the same weights for the same seed, others for another', async () => {
    const [first, second, other] = [
      await train({ epochs: 1 }),
      await train({ epochs: 1 }),
      await train({ epochs: 1 }, 4),
    ]
    expect(second.weights).toEqual(first.weights)
    expect(other.weights).not.toEqual(first.weights)
  })

  it.each([0, 1, 4])('goes on from checkpoint %i as if it had not stopped', async (at) => {
    const whole = { epochs: 3, validation: ringBatches(16, 2), averaging: { kind: 'ema', decay: 0.9 } } as const
    const expected = await train(whole)
    const { saved, checkpoint } = crashAfter(at + 1)
    await expect(train({ ...whole, checkpoint })).rejects.toThrow('the power is gone')
    const resumed = await train({ ...whole, resume: saved.at(-1)! })
    expect(resumed.weights).toEqual(expected.weights)
    expect(resumed.history).toEqual(expected.history)
    expect(resumed.bestEpoch).toBe(expected.bestEpoch)
  })

  it('refuses checkpoints of another run', async () => {
    const { saved, checkpoint } = crashAfter(99)
    await train({ epochs: 1, checkpoint })
    await expect(train({ resume: saved[0]!, optimizer: sgd() })).rejects.toThrow(/CHECKPOINT|does not fit/)
    await expect(train({ resume: saved[0]! }, 4)).rejects.toThrow('it was made with seed 3, not 4')
  })

  it('stops where the loss is no longer a number', async () => {
    const { saved, checkpoint } = crashAfter(99)
    const data = withMissingValue(ringBatches(32, 20), 9)
    await expect(train({ data, checkpoint })).rejects.toMatchObject({
      code: 'TRAIN_DIVERGED',
      message: 'the loss is NaN at step 10 (epoch 1); the last checkpoint is of step 7',
    })
    expect(saved.length).toBe(1)
  })

  it('leaves frozen parameters alone and starts from given weights', async () => {
    const initial = new Map([['hidden.weight', new Float32Array(32).fill(0.25)]])
    const { weights } = await train({ epochs: 1, initial, groups: [{ match: 'hidden.*', frozen: true }] })
    expect(weights.get('hidden.weight')).toEqual(initial.get('hidden.weight'))
    expect(weights.get('head.weight')).not.toEqual((await train({ epochs: 1 })).weights.get('head.weight'))
  })

  it('takes one step from several batches as from one large batch, in one thread or two', async () => {
    const large = { epochs: 1, data: ringBatches(32, 4) }
    const expected = await train(large)
    const parts = { ...large, data: halved(ringBatches(32, 4)), accumulate: 2 }
    for (const workers of threadCounts) {
      const { weights } = await train({ ...parts, workers })
      expect(distance(weights, expected.weights)).toBeLessThan(1e-6)
    }
  })

  it('keeps the best epoch and stops when patience is over', async () => {
    const standingStill = { kind: 'linear', steps: 1, from: 0, to: 0 } as const
    const { history, bestEpoch } = await train({
      ...{ epochs: 40, validation: ringBatches(32, 3), earlyStopping: { patience: 2 } },
      schedule: standingStill,
    })
    expect(bestEpoch).toBe(1)
    expect(history.length).toBe(4)
  })

  it('says what does not go together', async () => {
    await expect(train({ accumulate: 3, workers: 2 })).rejects.toThrow(
      'accumulate (3) must be a multiple of workers (2)',
    )
    await expect(train({ earlyStopping: { patience: 1 } })).rejects.toThrow('early stopping needs validation rows')
    const sameName = {
      targets: { logits: tensor('int64') },
      loss: crossEntropy({ output: 'logits', target: 'logits' }),
    }
    await expect(train(sameName)).rejects.toThrow("an output and a target are both called 'logits'")
    await expect(train({ targets: { point: tensor('float') } })).rejects.toThrow(
      'an input and a target are both called',
    )
    await expect(train({ epochs: 0 })).rejects.toThrow('epochs must be a positive integer, got 0')
    await expect(train({ workers: Number.NaN })).rejects.toThrow('workers must be a positive integer, got NaN')
    await expect(train({ clipNorm: -1 })).rejects.toThrow('clipNorm must be above 0, got -1')
    await expect(train({ validation: ringBatches(8, 0) })).rejects.toThrow('validation.batchCount must be a positive')
    const validation = ringBatches(8, 1)
    await expect(train({ validation, earlyStopping: { patience: -1 } })).rejects.toThrow('earlyStopping.patience must')
    await expect(train({ data: { ...ringBatches(8, 3), epoch: () => [] } })).rejects.toThrow('too few batches')
  })

  it('names options that there are not', async () => {
    const slips = { epoch: 3, earlyStopping: { patience: 1, metrc: 'loss' }, groups: [{ match: '*', frozn: true }] }
    await expect(train(slips as never)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message:
        "'epoch' is not an option of training; did you mean 'epochs'?; " +
        "'earlyStopping.metrc' is not an option of training; did you mean 'metric'?; " +
        "'groups.0.frozn' is not an option of training; did you mean 'frozen'?",
    })
  })

  it('says where there are more workers than cores', async () => {
    const workers = availableParallelism() + 1
    await expect(train({ workers, accumulate: workers })).rejects.toThrow(`workers is ${workers}, and this machine has`)
  })

  it('says where an execution provider is not there', async () => {
    await expect(train({ provider: 'coreml' })).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  })

  it.each<[string, (fields: Batch['fields']) => Batch['fields'], string]>([
    ['lacks a field', ({ label }) => ({ label: label! }), "the batch has no field 'point' (it has: label)"],
    [
      'has too few values',
      (fields) => ({ ...fields, point: new Float32Array(10) }),
      "field 'point' of shape [32, 2] needs 64 values, the batch has 10",
    ],
    [
      'has values of another type',
      (fields) => ({ ...fields, label: Int32Array.from(fields.label!, Number) }),
      "field 'label' must be a BigInt64Array of shape [32], got Int32Array",
    ],
    ['names a class too many', withLabel(2n), "field 'label': row 3 of the batch holds 2"],
    ['names a negative class', withLabel(-1n), "field 'label': row 3 of the batch holds -1"],
  ])('says where a batch %s', async (_, change, message) => {
    const data = changed(ringBatches(32, 20), change)
    await expect(train({ data })).rejects.toMatchObject({ code: 'TRAIN_INPUT', message })
  })

  it('lets the class that marks padding pass', async () => {
    const { history } = await train({ epochs: 1, data: changed(ringBatches(32, 20), withLabel(-100n)) })
    expect(history[0]!['train/loss']).toBeLessThan(1)
  })

  it.each<[string, (batch: Batch) => Batch]>([
    ['only padding', (batch) => ({ ...batch, weights: new Float32Array(32) })],
    ['only ignored targets', ({ fields }) => ({ fields: { ...fields, label: new BigInt64Array(32).fill(-100n) } })],
  ])('takes no step from a batch of %s', async (_, emptied) => {
    const two = { epochs: 1, optimizer: adamw({ learningRate: 0.02 }) }
    const expected = await train({ ...two, data: ringBatches(32, 2) })
    const data = withBatch(ringBatches(32, 2), 1, emptied)
    const { weights, history } = await train({ ...two, data })
    expect(weights).toEqual(expected.weights)
    expect(history[0]).toMatchObject({ step: 3, 'train/loss': expect.closeTo((2 * trainLoss(expected)) / 3, 6) })
    for (const workers of threadCounts) {
      const parts = { ...two, workers, accumulate: 2 }
      const whole = await train({ ...parts, accumulate: 1, workers: 1, data: ringBatches(32, 1) })
      const padded = await train({ ...parts, data: withBatch(ringBatches(32, 1), 1, emptied) })
      expect(distance(padded.weights, whole.weights)).toBeLessThan(1e-6)
    }
  })

  it('says that targets of a type that holds no classes are none', async () => {
    await expect(train({ targets: { label: tensor('float') } })).rejects.toThrow(
      "the target 'label' holds float; class numbers are int64",
    )
  })

  it('can be cancelled while data or validation rows hang', async () => {
    const hanging: BatchSource = {
      ...{ batchSize: 32, batchCount: 3 },
      async *epoch() {
        yield* ringBatches(32, 1).epoch(0, 0)
        await new Promise(() => {})
      },
    }
    for (const changes of [{ data: hanging }, { validation: hanging }]) {
      const context = createContext({ signal: AbortSignal.timeout(200), threads: 1 })
      await expect(trainNetwork(rings, { ...options, ...changes }, context)).rejects.toMatchObject({
        code: 'CANCELLED',
      })
    }
  })

  it('can be cancelled', async () => {
    const signal = AbortSignal.timeout(20)
    await expect(trainNetwork(rings, { ...options, epochs: 1e6 }, createContext({ signal }))).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })
})

/** One value of one batch is NaN. */
function withMissingValue(source: BatchSource, at: number): BatchSource {
  return {
    ...source,
    async *epoch(epoch, firstBatch) {
      let number = firstBatch
      for await (const batch of source.epoch(epoch, firstBatch)) {
        if (number++ === at) (batch.fields.point as Float32Array)[0] = Number.NaN
        yield batch
      }
    },
  }
}

/** One more batch, in which nothing counts: made of the one before `at`. */
function withBatch(source: BatchSource, at: number, emptied: (batch: Batch) => Batch): BatchSource {
  return {
    ...source,
    batchCount: source.batchCount + 1,
    async *epoch(epoch, firstBatch) {
      let number = firstBatch
      for await (const batch of source.epoch(epoch, firstBatch)) {
        yield batch
        if (++number === at) yield emptied(batch)
      }
    },
  }
}

const trainLoss = ({ history }: TrainedNetwork): number => history[0]!['train/loss']!

/** Other fields in every batch. */
function changed(source: BatchSource, change: (fields: Batch['fields']) => Batch['fields']): BatchSource {
  return {
    ...source,
    async *epoch(epoch, firstBatch) {
      for await (const batch of source.epoch(epoch, firstBatch)) yield { ...batch, fields: change(batch.fields) }
    },
  }
}

const withLabel =
  (value: bigint) =>
  ({ point, label }: Batch['fields']): Batch['fields'] => ({
    point: point!,
    label: (label as BigInt64Array).with(3, value),
  })

/** The same rows in batches of half the size. */
function halved(source: BatchSource): BatchSource {
  const batchSize = source.batchSize / 2
  return {
    batchSize,
    batchCount: 2 * source.batchCount,
    async *epoch(epoch, firstBatch) {
      for await (const { fields } of source.epoch(epoch, firstBatch / 2)) {
        const point = fields.point as Float32Array
        const label = fields.label as BigInt64Array
        yield { fields: { point: point.slice(0, 2 * batchSize), label: label.slice(0, batchSize) } }
        yield { fields: { point: point.slice(2 * batchSize), label: label.slice(batchSize) } }
      }
    },
  }
}

const distance = (a: Weights, b: Weights): number =>
  Math.max(
    ...Array.from(a, ([name, values]) => Math.max(...values.map((value, i) => Math.abs(value - b.get(name)![i]!)))),
  )
