import { describe, expect, it } from 'vitest'
import { createTypedGraph } from '../graph/typed-graph.ts'
import { encodeModel } from '../protobuf/model-proto.ts'
import { createBoundSession } from './bound-session.ts'

describe('createBoundSession', () => {
  it('reads and writes the memory that it was given', async () => {
    const graph = createTypedGraph({ name: 'product and sum' })
    const a = graph.input('a', 'float', [2])
    const b = graph.input('b', 'float', [2])
    graph.output('product', graph.node('Mul', [a, b]))
    graph.output('sum', graph.node('Add', [a, b]))
    const session = await createBoundSession(encodeModel(graph.build()))
    const left = Float32Array.of(1, 2)
    const product = new Float32Array(new ArrayBuffer(256), 64, 2)
    session.bindInput('a', { type: 'float', shape: [2], data: left })
    session.bindInput('b', { type: 'float', shape: [2], data: Float32Array.of(3, 4) })
    session.bindOutput('product', { type: 'float', shape: [2], data: product })
    const { sum } = await session.run(['sum'])
    expect([...product, ...(sum!.data as Float32Array)]).toEqual([3, 8, 4, 6])
    left.set([10, 10])
    expect(await session.run()).toEqual({})
    expect([...product]).toEqual([30, 40])
    await session.close()
  })

  it('leaves no copies of large outputs behind', async () => {
    const length = 1_000_000
    const graph = createTypedGraph({ name: 'negative' })
    graph.output('y', graph.node('Neg', [graph.input('x', 'float', [length])]))
    const session = await createBoundSession(encodeModel(graph.build()))
    const y = new Float32Array(length)
    session.bindInput('x', { type: 'float', shape: [length], data: new Float32Array(length).fill(2) })
    session.bindOutput('y', { type: 'float', shape: [length], data: y })
    await session.run()
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 3; i++) await session.run()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(length)
    expect(y[length - 1]).toBe(-2)
    await session.close()
  })

  it('says which input has too few values', async () => {
    const graph = createTypedGraph({ name: 'twice' })
    graph.output('y', graph.node('Neg', [graph.input('x', 'float', [3])]))
    const session = await createBoundSession(encodeModel(graph.build()))
    const wrong = { type: 'float', shape: [3], data: new Float32Array(2) } as const
    expect(() => session.bindInput('x', wrong)).toThrow("input 'x': shape [3] needs 3 values, got 2")
    await session.close()
  })
})
