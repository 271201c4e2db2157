import { describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { dense } from '../layers/dense.ts'
import { meanSquared } from '../losses/regression.ts'
import { defineNetwork, tensor } from '../network/network.ts'
import { planTraining, TRAIN_PROGRAM } from './plan-training.ts'
import { createTrainer } from './trainer.ts'

const WIDTH = 1024
const ROWS = 256

/** Wide enough that a step takes some ten milliseconds. */
const wide = defineNetwork({
  name: 'wide',
  inputs: { x: tensor('float', WIDTH) },
  forward: (scope, { x }) => ({ y: dense(scope, 'second', dense(scope, 'first', x, { units: WIDTH }), { units: 1 }) }),
})

const batch = { fields: { x: new Float32Array(ROWS * WIDTH).fill(0.01), truth: new Float32Array(ROWS) } }

async function startTrainer(workers: number) {
  const data = { batchSize: ROWS, batchCount: workers, epoch: () => [] }
  const loss = meanSquared({ output: 'y', target: 'truth' })
  const options = { data, targets: { truth: tensor('float', 1) }, loss, epochs: 1 }
  return createTrainer(await planTraining(wide, options, createContext({ threads: 1 })), { workers })
}

describe('a trainer that is closed', () => {
  // The runtime ends the process where its thread is ended in the middle of a run.
  it.each([1, 2])('lets %i threads finish what they are busy with, and rejects what waits', async (workers) => {
    for (let waitMs = 0; waitMs < 5; waitMs++) {
      const trainer = await startTrainer(workers)
      const request = { program: TRAIN_PROGRAM, batches: Array(workers).fill(batch), learningRate: 0 }
      const steps = [trainer.step(request), trainer.step(request)].map((step) =>
        expect(step).rejects.toMatchObject({ code: 'INTERNAL' }),
      )
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      await trainer.close()
      await Promise.all(steps)
    }
  })
})
