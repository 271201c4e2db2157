import { describe, expect, it } from 'vitest'
import { createGraphBuilder, createSession, type GraphBuilder, readModel } from '../index.ts'

function scaledSum(): GraphBuilder {
  const g = createGraphBuilder({ name: 'scaled-sum' })
  const x = g.input('x', 'double', ['N', 1])
  const c = g.input('größe', 'string', ['N', 1])
  const keys = {
    keys_strings: { strings: ['ä', 'b', ''] },
    values_floats: { floats: [1, 2, -1] },
    default_float: { float: 9 },
  }
  const code = g.node('LabelEncoder', [c], keys, { domain: 'ai.onnx.ml' })
  const two = g.constant({ type: 'double', shape: [], data: Float64Array.of(2) })
  const scaled = g.node('Mul', [x, two])
  const sum = g.node('Add', [g.node('Cast', [scaled], { to: { int: 1 } }), code], {}, { name: 'total' })
  g.output('sum', sum, 'float', ['N', 1])
  g.output('again', sum, 'float', ['N', 1])
  return g
}

describe('createGraphBuilder', () => {
  it('builds a model that onnxruntime runs', async () => {
    await using session = await createSession(scaledSum().build({ made: 'here' }))
    expect(session.inputs).toEqual([
      { name: 'x', type: 'float64', shape: ['N', 1] },
      { name: 'größe', type: 'string', shape: ['N', 1] },
    ])
    const { sum, again } = await session.run({
      x: { type: 'double', shape: [4, 1], data: Float64Array.of(1, 2, 3, 4) },
      größe: { type: 'string', shape: [4, 1], data: ['ä', 'b', '', 'zzz'] },
    })
    expect([...sum!.data]).toEqual([3, 6, 5, 17])
    expect(again).toEqual(sum)
  })

  it('is deterministic and can be read back', () => {
    const bytes = scaledSum().build({ made: 'here', ключ: '値' })
    expect(scaledSum().build({ made: 'here', ключ: '値' })).toEqual(bytes)
    const model = readModel(bytes)
    expect(model.opsets).toEqual({ '': 17, 'ai.onnx.ml': 3 })
    expect(model.irVersion).toBe(8)
    expect(model.metadata).toEqual({ made: 'here', ключ: '値' })
    expect(model.graph.inputs[1]).toEqual({ name: 'größe', type: 'string', shape: ['N', 1] })
    expect(model.graph.nodes.map(({ op }) => op)).toEqual(['LabelEncoder', 'Mul', 'Cast', 'Add', 'Identity'])
    expect(model.graph.nodes[0]!.attributes.keys_strings).toEqual({ strings: ['ä', 'b', ''] })
    expect(model.graph.nodes[0]!.attributes.values_floats).toEqual({ floats: Float32Array.of(1, 2, -1) })
    expect(model.graph.initializers[0]!.read()).toEqual({ type: 'double', shape: [], data: Float64Array.of(2) })
  })

  it('stores equal constants once', () => {
    const g = createGraphBuilder({ name: 'g' })
    const literal = (value: string) => ({ type: 'string' as const, shape: [1], data: [value] })
    expect(g.constant(literal('a'))).toBe(g.constant(literal('a')))
    expect(g.constant(literal('a'))).not.toBe(g.constant(literal('b')))
    expect(g.constant({ type: 'int64', shape: [2], data: BigInt64Array.of(1n, -2n) })).toBe(
      g.constant({ type: 'int64', shape: [2], data: BigInt64Array.of(1n, -2n) }),
    )
  })

  it('names the place where a graph is wrong', () => {
    const g = createGraphBuilder({ name: 'broken' })
    const x = g.input('x', 'float', ['N', 1])
    expect(() => g.input('x', 'float', ['N', 1])).toThrow(/graph input: the name 'x' is taken/)
    expect(() => g.input('', 'float', ['N', 1])).toThrow(/empty name/)
    expect(() => g.node('Add', [x, 'ghost' as typeof x])).toThrow(/node '\/Add_0' reads the unknown value 'ghost'/)
    expect(() => g.constant({ type: 'float', shape: [3], data: Float32Array.of(1) })).toThrow(/needs 3 values, got 1/)
    expect(() => g.build()).toThrow(/no output/)
    g.output('y', x, 'float', ['N', 1])
    expect(() => g.output('y', x, 'float', ['N', 1])).toThrow(/the name 'y' is taken/)
  })
})
