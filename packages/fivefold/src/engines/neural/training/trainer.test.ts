import { describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { createOperations } from '../../../onnx/index.ts'
import { dense } from '../layers/dense.ts'
import { binaryCrossEntropy } from '../losses/binary-cross-entropy.ts'
import { compileTraining, initializeNetwork } from '../network/compile.ts'
import { defineNetwork, tensor } from '../network/network.ts'
import { adam, resolveGroups } from '../optimizer/index.ts'
import { createTrainer } from './trainer.ts'
import type { PlannedProgram, TrainingPlan } from './training-plan.ts'

const BATCH = 64

/** A generator of numbers and a critic that tells them from real ones, as one network with one set of weights. */
const game = (shown: 'made' | 'real') =>
  defineNetwork({
    name: 'game',
    inputs: { noise: tensor('float', 1), real: tensor('float', 1) },
    forward(scope, { noise, real }) {
      const made = dense(scope, 'generator', noise, { units: 1 })
      const judged = shown === 'made' ? made : createOperations(scope.graph).concat([made, real], 0)
      const hidden = dense(scope.within('critic'), 'hidden', judged, { units: 16, activation: 'leakyRelu' })
      return { score: dense(scope.within('critic'), 'score', hidden, { units: 1 }) }
    },
  })

function plan(): TrainingPlan {
  const programOf = (shown: 'made' | 'real', prefix: string, rows: number): PlannedProgram => {
    const loss = binaryCrossEntropy({ output: 'score', target: 'isReal' })
    const program = compileTraining(game(shown), {
      batchSize: BATCH,
      targets: { isReal: tensor('float', rows) },
      loss: (graph, outputs, targets, rowWeight) => {
        const { reshape } = createOperations(graph)
        const column = (value: NonNullable<(typeof outputs)['score']>) => reshape(value, [BATCH, rows])
        return loss(graph, { score: column(outputs.score!) }, { isReal: column(targets.isReal!) }, rowWeight)
      },
      isTrained: (name) => name.startsWith(prefix),
    })
    const moved = program.trained.map((name) => ({ name, shape: program.weights.get(name)! }))
    const optimizer = adam({ learningRate: 0.01, betas: [0.5, 0.9] })
    return { program, update: { optimizer, settings: resolveGroups(moved, []) } }
  }
  const critic = programOf('real', 'critic.', 2)
  return {
    tensors: Array.from(critic.program.weights, ([name, shape]) => ({ name, shape })),
    initial: initializeNetwork(game('made'), 2),
    programs: { critic, generator: programOf('made', 'generator.', 1) },
    threads: 1,
  }
}

describe('createTrainer', () => {
  it('moves two sets of parameters against each other in one loop', async () => {
    const { rng } = createContext({ seed: 1 })
    const normal = (mean: number) => Float32Array.from({ length: BATCH }, () => mean + rng.normal())
    await using trainer = await createTrainer(plan())
    const bias = async () => (await trainer.state()).parameters.get('generator.bias')!.values[0]!
    expect(Math.abs(await bias())).toBeLessThan(1.5)
    // Made samples come first, real ones behind them.
    const truth = Float32Array.from({ length: 2 * BATCH }, (_, i) => Number(i >= BATCH))
    for (let round = 0; round < 700; round++) {
      const fields = { noise: normal(0), real: normal(3) }
      const learningRate = 0.01
      await trainer.step({ program: 'critic', batches: [{ fields: { ...fields, isReal: truth } }], learningRate })
      const wish = new Float32Array(BATCH).fill(1)
      await trainer.step({ program: 'generator', batches: [{ fields: { ...fields, isReal: wish } }], learningRate })
    }
    expect(await bias()).toBeGreaterThan(2)
    expect(await bias()).toBeLessThan(4)
  })

  it('evaluates with averages and steps on from the parameters', async () => {
    const averaged: TrainingPlan = { ...plan(), averaging: { kind: 'swa' } }
    const fields = { noise: new Float32Array(BATCH).fill(1), real: new Float32Array(BATCH).fill(3) }
    const batch = { fields: { ...fields, isReal: new Float32Array(BATCH).fill(1) } }
    const request = { program: 'generator', batches: [batch], learningRate: 0.1 }
    await using steady = await createTrainer(averaged)
    await using looking = await createTrainer(averaged)
    for (let step = 0; step < 4; step++) {
      await steady.step(request)
      await looking.step(request)
      const { loss, ...rest } = await looking.evaluate('generator', batch, { averaged: true })
      expect(rest).toEqual({})
      // After one step the average is the weights, later it is not.
      const plain = await looking.evaluate('generator', batch)
      if (step > 0) expect(loss!.data[0]).not.toBe(plain.loss!.data[0])
    }
    expect(await looking.state()).toEqual(await steady.state())
  })

  it('gives the averaged weights, or those of the last step where there are none', async () => {
    await using trainer = await createTrainer({ ...plan(), averaging: { kind: 'swa' } })
    expect(await trainer.weights()).toEqual((await trainer.state()).parameters)
    const fields = { noise: new Float32Array(BATCH), real: new Float32Array(BATCH), isReal: new Float32Array(BATCH) }
    for (let step = 0; step < 2; step++)
      await trainer.step({ program: 'generator', batches: [{ fields }], learningRate: 0.1 })
    const { parameters, averages } = await trainer.state()
    const name = 'generator.bias'
    expect((await trainer.weights()).get(name)!.values).toEqual(averages!.values[name])
    expect(averages!.values[name]).not.toEqual(parameters.get(name)!.values)
  })

  it('names a program that is not there', async () => {
    await using trainer = await createTrainer(plan())
    const request = { program: 'referee', batches: [], learningRate: 1 }
    await expect(trainer.step(request)).rejects.toThrow("the plan has no program 'referee'")
  })
})
