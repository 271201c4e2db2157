import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSession, floats, type TensorLiteral } from '../../../onnx/index.ts'
import { compileTraining, type Loss, PROGRAM_NAMES } from '../network/compile.ts'
import { zeros } from '../network/initializer.ts'
import { type Network, tensor } from '../network/network.ts'
import { binaryCrossEntropy } from './binary-cross-entropy.ts'
import { sumOfLosses } from './combined.ts'
import { connectionistTemporal } from './connectionist-temporal.ts'
import { pairContrast, viewContrast } from './contrastive.ts'
import { crossEntropy } from './cross-entropy.ts'
import { pairwiseContrastive, triplet } from './distance.ts'
import { distillation } from './distillation.ts'
import { huber, meanAbsolute, meanSquared, quantile } from './regression.ts'

interface GoldenTensor {
  readonly type: 'float' | 'int64'
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

type GoldenTensors = Readonly<Record<string, GoldenTensor>>

interface GoldenLoss {
  readonly name: string
  readonly outputs: GoldenTensors
  readonly targets: GoldenTensors
  readonly loss: GoldenTensor
  readonly gradients: GoldenTensors
}

const golden = JSON.parse(readFileSync(new URL('./fixtures/torch.json', import.meta.url), 'utf8')) as {
  readonly rowWeight: GoldenTensor
  readonly cases: readonly GoldenLoss[]
}

const ofLogits = { output: 'logits', target: 'label' } as const
const ofNumbers = { output: 'y', target: 'target' } as const
const ofPairs = { first: 'a', second: 'b' } as const
const ofSpeech = { output: 'logits', target: 'labels' } as const
const classWeights = [1, 2, 0.5, 4]

const LOSSES: Readonly<Record<string, Loss>> = {
  crossEntropy: crossEntropy(ofLogits),
  'crossEntropy smoothed': crossEntropy({ ...ofLogits, labelSmoothing: 0.1 }),
  'crossEntropy with class weights': crossEntropy({ ...ofLogits, classWeights }),
  'crossEntropy with both': crossEntropy({ ...ofLogits, classWeights, labelSmoothing: 0.2 }),
  'crossEntropy of steps': crossEntropy({ ...ofLogits, labelSmoothing: 0.1 }),
  binaryCrossEntropy: binaryCrossEntropy(ofNumbers),
  'binaryCrossEntropy weighted': binaryCrossEntropy({ ...ofNumbers, positiveWeight: 3 }),
  meanSquared: meanSquared(ofNumbers),
  'meanSquared of columns': meanSquared(ofNumbers),
  meanAbsolute: meanAbsolute(ofNumbers),
  huber: huber({ ...ofNumbers, delta: 1.5 }),
  quantile: quantile({ ...ofNumbers, quantiles: [0.1, 0.5, 0.9] }),
  distillation: distillation({ output: 'logits', target: 'teacher', temperature: 3 }),
  viewContrast: viewContrast({ ...ofPairs, temperature: 0.2 }),
  pairContrast: pairContrast(ofPairs),
  pairwiseContrastive: pairwiseContrastive({ ...ofPairs, target: 'same', margin: 2 }),
  triplet: triplet({ anchor: 'a', positive: 'b', negative: 'c', margin: 1.5 }),
  connectionistTemporal: connectionistTemporal({ ...ofSpeech, inputLengths: 'steps' }),
  'connectionistTemporal of all steps': connectionistTemporal(ofSpeech),
}

const literal = ({ type, shape, values }: GoldenTensor): TensorLiteral =>
  type === 'float' ? floats(values, shape) : { type, shape, data: BigInt64Array.from(values, BigInt) }

/** A network whose outputs are its parameters, so that gradients are those by the outputs. */
const outputsOnly = (name: string, outputs: GoldenTensors): Network => ({
  name,
  inputs: {},
  forward: (scope) =>
    Object.fromEntries(Object.entries(outputs).map(([name, { shape }]) => [name, scope.parameter(name, shape, zeros)])),
})

async function run({ name, outputs, targets }: GoldenLoss, loss: Loss): Promise<Record<string, number[]>> {
  const batchSize = golden.rowWeight.shape[0]!
  const fields = Object.entries(targets).map(([name, { type, shape }]) => [name, tensor(type, ...shape.slice(1))])
  const program = compileTraining(outputsOnly(name, outputs), { batchSize, targets: Object.fromEntries(fields), loss })
  await using session = await createSession(program.model)
  const fed = Object.entries({ ...outputs, ...targets, [PROGRAM_NAMES.rowWeight]: golden.rowWeight })
  const results = await session.run(Object.fromEntries(fed.map(([name, value]) => [name, literal(value)])))
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array, Number)]),
  )
}

function expectClose(found: readonly number[] | undefined, { values }: GoldenTensor, name: string): void {
  expect(found?.length, name).toBe(values.length)
  const scale = Math.max(1, ...values.map(Math.abs))
  const worst = Math.max(...values.map((value, i) => Math.abs(found![i]! - value)))
  expect(worst / scale, `${name}: largest difference over largest value`).toBeLessThan(1e-5)
}

describe("losses are PyTorch's, with rows that count differently", () => {
  it('covers every case of the fixture', () => {
    expect(Object.keys(LOSSES).sort()).toEqual(golden.cases.map(({ name }) => name).sort())
  })

  it.each(golden.cases)('$name', async (expected) => {
    const found = await run(expected, LOSSES[expected.name]!)
    expectClose(found[PROGRAM_NAMES.loss], expected.loss, 'loss')
    for (const [name, gradient] of Object.entries(expected.gradients))
      expectClose(found[PROGRAM_NAMES.gradient(name)], gradient, name)
  })

  it('adds losses up with their weights', async () => {
    const squared = golden.cases.find(({ name }) => name === 'meanSquared')!
    const absolute = golden.cases.find(({ name }) => name === 'meanAbsolute')!
    const both = sumOfLosses({ loss: meanSquared(ofNumbers), weight: 0.25 }, { loss: meanAbsolute(ofNumbers) })
    const found = await run(squared, both)
    expect(found.loss![0]).toBeCloseTo(0.25 * squared.loss.values[0]! + absolute.loss.values[0]!, 5)
  })
})

describe('losses refuse what does not fit', () => {
  const first = golden.cases[0]!

  it.each([
    [
      'an output that is not there',
      crossEntropy({ output: 'scores', target: 'label' }),
      /output 'scores'; there are: logits/,
    ],
    [
      'a target of another size',
      meanSquared({ output: 'logits', target: 'label' }),
      /does not fit the output \[5, 4\]/,
    ],
    [
      'another number of quantiles',
      quantile({ output: 'logits', target: 'label', quantiles: [0.5] }),
      /must have 1 quantiles/,
    ],
  ] as const)('%s', async (_what, loss, message) => {
    await expect(run(first, loss as Loss)).rejects.toThrow(message)
  })

  it('options out of range', () => {
    expect(() => huber({ ...ofNumbers, delta: 0 })).toThrow(/delta 0/)
    expect(() => quantile({ ...ofNumbers, quantiles: [1] })).toThrow(/between 0 and 1/)
    expect(() => distillation({ ...ofNumbers, temperature: 0 })).toThrow(/temperature 0/)
  })
})
