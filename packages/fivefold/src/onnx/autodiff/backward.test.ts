import { describe, expect, it } from 'vitest'
import { createTypedGraph } from '../graph/typed-graph.ts'
import { encodeModel } from '../protobuf/model-proto.ts'
import { createSession } from '../session/session.ts'
import { floats } from '../tensor.ts'
import { writeGradients } from './backward.ts'

describe('writeGradients', () => {
  it('sums what comes back to a value along every path', async () => {
    const graph = createTypedGraph({ name: 'relu(a b) - b' })
    const a = graph.input('a', 'float', [1])
    const b = graph.initializer('b', floats([3]))
    const loss = graph.node('Sub', [graph.node('Relu', [graph.node('Mul', [a, b])]), b])
    const [da, db] = writeGradients(graph, loss, [a, b])
    graph.output('da', da!)
    graph.output('db', db!)
    await using session = await createSession(encodeModel(graph.build()))
    const result = await session.run({ a: floats([2]) })
    expect([result.da?.data, result.db?.data]).toEqual([Float32Array.of(3), Float32Array.of(1)])
  })

  it('refuses a loss of several numbers', () => {
    const graph = createTypedGraph({ name: 'two' })
    const x = graph.input('x', 'float', [2])
    expect(() => writeGradients(graph, graph.node('Relu', [x]), [x])).toThrow(/must be one number, got \[2\]/)
  })

  it('gives nothing where the loss does not depend on a value', () => {
    const graph = createTypedGraph({ name: 'apart' })
    const x = graph.input('x', 'float', [1])
    const apart = graph.input('y', 'float', [1])
    expect(writeGradients(graph, graph.node('Relu', [x]), [apart])).toEqual([undefined])
  })
})
