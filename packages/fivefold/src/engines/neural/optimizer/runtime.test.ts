import { describe, expect, it } from 'vitest'
import { createBoundSession, createTypedGraph, encodeModel } from '../../../onnx/index.ts'
import { adamw, stateSlotsOf } from './definitions.ts'
import { createOptimizer } from './optimizer.ts'
import { resolveGroups } from './parameter-groups.ts'
import { createParameterMemory } from './parameter-memory.ts'

describe('parameter memory under ONNX Runtime', () => {
  it('feeds parameters and takes gradients in place, step after step', async () => {
    // The gradient of half the squared distance to a target.
    const graph = createTypedGraph({ name: 'distance' })
    const weight = graph.input('weight', 'float', [2, 2])
    graph.output('gradient', graph.node('Sub', [weight, graph.input('target', 'float', [2, 2])]))
    const specs = [{ name: 'weight', shape: [2, 2] }]
    const definition = adamw({ learningRate: 0.05, weightDecay: 0 })
    const memory = createParameterMemory(specs, stateSlotsOf(definition))
    const optimizer = createOptimizer(definition, resolveGroups(specs, []), memory)
    const session = await createBoundSession(encodeModel(graph.build()))
    const target = Float32Array.of(1, -2, 3, 0.5)
    const shape = [2, 2]
    session.bindInput('weight', { type: 'float', shape, data: memory.view('parameters', 'weight') })
    session.bindInput('target', { type: 'float', shape, data: target })
    session.bindOutput('gradient', { type: 'float', shape, data: memory.view('gradients', 'weight') })
    for (let step = 0; step < 500; step++) {
      await session.run()
      optimizer.step({ learningRate: 0.05 * (1 - step / 500) })
    }
    await session.close()
    for (const [i, value] of memory.view('parameters', 'weight').entries()) expect(value).toBeCloseTo(target[i]!, 2)
  })
})
