import { describe, expect, it } from 'vitest'
import { createRng, FivefoldError, type Rng } from '../../core/index.ts'
import { importModel } from '../graph/import-model.ts'
import { createTypedGraph } from '../graph/typed-graph.ts'
import { floats, int64s } from '../tensor.ts'
import { encodeModel } from './model-proto.ts'
import { readModel } from './read-model.ts'

const ROUNDS = 4000

/** Lists of axes, windows, texts, weights and shapes: something of each kind to damage. */
function healthy(): Uint8Array {
  const graph = createTypedGraph({ name: 'healthy' })
  const x = graph.input('x', 'float', ['N', 2, 8, 8])
  const w = graph.initializer('w', floats(new Float32Array(36).fill(0.1), [2, 2, 3, 3]))
  const conv = graph.node('Conv', [x, w], { kernel_shape: { ints: [3, 3] }, auto_pad: { string: 'SAME_UPPER' } })
  const pooled = graph.node('MaxPool', [conv], { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } })
  const [a, b] = graph.nodeWithOutputs('Split', 2, [pooled], { axis: { int: 1 }, num_outputs: { int: 2 } })
  const joined = graph.node('Concat', [a, b], { axis: { int: 1 } })
  const flat = graph.node('Reshape', [joined, graph.constant(int64s([0, -1]))])
  const table = graph.initializer('table', floats(new Float32Array(128).fill(0.2), [32, 4]))
  const product = graph.node('Gemm', [flat, table], { alpha: { float: 0.5 } })
  graph.output('y', graph.node('ReduceSum', [product, graph.constant(int64s([1]))], { keepdims: { int: 0 } }))
  return encodeModel(graph.build({ key: 'value' }))
}

describe('damaged models', () => {
  it('give coded errors or models, nothing else', () => {
    const rng = createRng(3)
    const good = healthy()
    const outcomes = { taken: 0, refused: 0 }
    for (let round = 0; round < ROUNDS; round++) outcomes[takeIn(damaged(good, rng))]++
    expect(outcomes.taken).toBeGreaterThan(0)
    expect(outcomes.refused).toBeGreaterThan(ROUNDS / 10)
  })
})

function takeIn(bytes: Uint8Array): 'taken' | 'refused' {
  try {
    const model = readModel(bytes)
    for (const weight of model.graph.initializers) weight.read()
    const { graph, outputs } = importModel(model)
    for (const [name, value] of outputs) graph.output(name, value)
    encodeModel(graph.build())
    return 'taken'
  } catch (error) {
    if (error instanceof FivefoldError && error.code.startsWith('GRAPH_')) return 'refused'
    throw error
  }
}

function damaged(good: Uint8Array, rng: Rng): Uint8Array {
  const bytes = Uint8Array.from(good)
  if (rng.int(4) === 0) return bytes.subarray(0, rng.int(bytes.length))
  for (let flips = 1 + rng.int(3); flips > 0; flips--) {
    const at = rng.int(bytes.length)
    bytes[at] = rng.int(2) === 0 ? bytes[at]! ^ (1 << rng.int(8)) : rng.int(256)
  }
  if (rng.int(4) > 0) return bytes
  const [from, to] = [rng.int(bytes.length), rng.int(bytes.length)]
  return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(to)])
}
