import { describe, expect, it } from 'vitest'
import { createGraphBuilder } from '../builder/graph-builder.ts'
import { encodeModel } from '../protobuf/model-proto.ts'
import { readModel } from '../protobuf/read-model.ts'
import { createSession } from '../session/session.ts'
import { floats, int64s, type TensorLiteral } from '../tensor.ts'
import { importModel } from './import-model.ts'
import { initializerOf, type OnnxModel, type OnnxNode } from './model.ts'
import { fixedShape } from './typed-value.ts'
import { verifyModel } from './verify-model.ts'

/** What exporters write for x.view(x.size(0), -1) @ w: the batch size is looked up while the graph runs. */
function exported(opset = 17): OnnxModel {
  const g = createGraphBuilder({ name: 'exported', opset })
  const x = g.input('x', 'float', ['N', 2, 3])
  const rows = g.node('Gather', [g.node('Shape', [x]), g.constant(int64s([0], []))], { axis: { int: 0 } })
  const row = g.node('Unsqueeze', [rows, g.constant(int64s([0]))])
  const shape = g.node('Concat', [row, g.constant(int64s([-1]))], { axis: { int: 0 } })
  const flat = g.node('Reshape', [x, shape])
  const w = g.constant(floats([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [6, 2]))
  const mean = g.node('ReduceMean', [g.node('MatMul', [flat, w])], { axes: { ints: [1] }, keepdims: { int: 0 } })
  g.output('y', mean, 'float', ['N'])
  return readModel(g.build())
}

async function run(model: OnnxModel, feeds: Record<string, TensorLiteral>): Promise<Record<string, TensorLiteral>> {
  await using session = await createSession(encodeModel(model))
  return await session.run(feeds)
}

const x = floats([1, -2, 3, 4, 5, -6, 7, 8, 9, 1, 2, 3], [2, 2, 3])

const node = (op: string, inputs: string[], outputs: string[], name = op): OnnxNode => ({
  name,
  op,
  domain: '',
  inputs,
  outputs,
  attributes: {},
})

const modelOf = (nodes: OnnxNode[]): OnnxModel => ({
  irVersion: 9,
  producer: 'test',
  opsets: { '': 20 },
  metadata: {},
  graph: {
    name: 'test',
    inputs: [{ name: 'x', type: 'float', shape: [1] }],
    outputs: [{ name: 'y', type: 'float', shape: [1] }],
    initializers: [initializerOf('w', floats([2]))],
    nodes,
  },
})

describe('importModel', () => {
  it('computes shape arithmetic away where sizes are bound', async () => {
    const { graph, inputs, outputs, weights } = importModel(exported(), { dimensions: { N: 2 } })
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Reshape', 'MatMul', 'ReduceMean'])
    expect(inputs.get('x')?.shape).toEqual([2, 2, 3])
    expect(outputs.get('y')?.shape).toEqual([2])
    expect([...weights.values()].map(({ shape }) => shape)).toEqual([[6, 2]])
    graph.output('y', outputs.get('y')!)
    expect(await run(graph.build(), { x })).toEqual(await run(exported(), { x }))
  })

  it('keeps sizes that are not bound', async () => {
    const { graph, outputs } = importModel(exported(13))
    expect(outputs.get('y')?.shape).toHaveLength(1)
    graph.output('y', outputs.get('y')!)
    expect(await run(graph.build(), { x })).toEqual(await run(exported(), { x }))
  })

  it('folds what the scales of Resize are made of', () => {
    const g = createGraphBuilder({ name: 'upsample', opset: 17 })
    const images = g.input('x', 'float', [1, 1, 2, 2])
    const [ones, scales] = [g.constant(floats([1, 1])), g.constant(floats([2, 3]))]
    const all = g.node('Concat', [ones, scales], { axis: { int: 0 } })
    g.output('y', g.node('Resize', [g.node('Mul', [images, scales]), undefined, all]), 'float', [])
    const { outputs, weights } = importModel(readModel(g.build()))
    expect(outputs.get('y')?.shape).toEqual([1, 1, 4, 6])
    expect(weights.size).toBe(0)
  })

  it('takes weights as inputs, and lets nodes be added', async () => {
    const { graph, outputs, weights } = importModel(exported(), { dimensions: { N: 2 }, weights: () => 'input' })
    const [name, w] = [...weights][0]!
    graph.output('double', graph.node('Add', [outputs.get('y')!, outputs.get('y')!]))
    const feeds = { x, [name]: floats(new Float32Array(12).fill(1), fixedShape(w)) }
    expect((await run(graph.build(), feeds)).double?.data).toEqual(Float32Array.of(10, 60))
  })

  it('keeps apart an inner value and an output of one name', async () => {
    const { graph, outputs } = importModel(modelOf([node('Neg', ['x'], ['a'], 'y'), node('Relu', ['a'], ['y'])]))
    graph.output('y_2', outputs.get('y')!)
    const inner = graph.nodes[0]!.outputs[0]!.name
    graph.output(inner, outputs.get('y')!)
    const { y_2, ...rest } = await run(graph.build(), { x: floats([-3]) })
    expect([y_2?.data, rest[inner]?.data]).toEqual([Float32Array.of(3), Float32Array.of(3)])
  })

  it('computes the scales of Resize from the tensors behind them', () => {
    const g = createGraphBuilder({ name: 'resized', opset: 20 })
    const image = g.input('image', 'float', [1, 1, 2, 3])
    const scales = g.node('Concat', [g.constant(floats([1, 1])), g.constant(floats([2, 3]))], { axis: { int: 0 } })
    g.output('y', g.node('Resize', [image, undefined, scales]), 'float', ['N', 'C', 'H', 'W'])
    expect(importModel(readModel(g.build())).outputs.get('y')?.shape).toEqual([1, 1, 4, 9])
  })

  it('says what cannot be taken in', () => {
    const refused = (model: OnnxModel) => () => importModel(model)
    expect(refused(modelOf([node('Frobnicate', ['x'], ['y'], 'odd')]))).toThrow(
      /node 'odd' \(Frobnicate\): the operator Frobnicate/,
    )
    expect(refused({ ...modelOf([]), opsets: { '': 11 } })).toThrow(/opset 11/)
    expect(refused(modelOf([node('MatMul', ['x', 'v'], ['y'])]))).toThrow(/node 'MatMul' \(MatMul\) reads 'v'/)
    const misfit = modelOf([node('Split', ['x'], ['a', 'b', 'y'], 'cut')])
    expect(refused(misfit)).toThrow(/node 'cut_\d+': Split cannot cut 1 into 3 parts/)
    expect(() => importModel(exported(), { dimensions: { n: 1 } })).toThrow(/no size 'n' .*did you mean 'N'/)
    expect(() => importModel(exported(), { dimensions: { N: 1.5 } })).toThrow(/'N' must be a whole number/)
  })
})

describe('verifyModel', () => {
  it('brings nodes into order and leaves ordered models alone', () => {
    const [a, b, c] = [node('Neg', ['x'], ['a']), node('Abs', ['a'], ['b']), node('Add', ['a', 'b'], ['y'])]
    const ordered = modelOf([a, b, c])
    expect(verifyModel(ordered)).toBe(ordered)
    expect(verifyModel(modelOf([c, b, a])).graph.nodes).toEqual([a, b, c])
  })

  it.each([
    [
      'cycles',
      [node('Neg', ['b', 'x'], ['a'], 'p'), node('Abs', ['a'], ['b'], 'q'), node('Neg', ['a'], ['y'])],
      /'p' -> 'q' -> 'p'|'q' -> 'p' -> 'q'/,
    ],
    ['a node that reads itself', [node('Add', ['x', 'y'], ['y'], 'me')], /'me' -> 'me'/],
    ['values made twice', [node('Neg', ['x'], ['y']), node('Abs', ['x'], ['y'], 'again')], /'again'.*'y' is taken/],
    ['names of weights made again', [node('Neg', ['x'], ['w'])], /the name 'w' is taken/],
    ['missing values', [node('Neg', ['ghost'], ['y'])], /reads 'ghost', which nothing makes/],
    ['missing outputs', [node('Neg', ['x'], ['a'])], /output 'y' is made by nothing/],
    ['overlong names', [node('Neg', ['x'], ['a'.repeat(5000)])], /aaa…' is too long/],
    ['nodes without an operator', [node('', ['x'], ['y'], 'n')], /node 'n' \(\) has no operator/],
  ])('refuses %s', (_, nodes, message) => {
    expect(() => verifyModel(modelOf(nodes))).toThrow(message)
  })
})
