import { describe, expect, it } from 'vitest'
import type { OnnxModel, OnnxNode } from '../graph/model.ts'
import { initializerOf } from '../graph/model.ts'
import { floats, int64s } from '../tensor.ts'
import { createReferenceEvaluator } from './evaluator.ts'

const node = (op: string, inputs: string[], output: string): OnnxNode => ({
  name: output,
  op,
  domain: '',
  inputs,
  outputs: [output],
  attributes: {},
})

const model = (...nodes: OnnxNode[]): OnnxModel => ({
  irVersion: 9,
  producer: '',
  opsets: { '': 20 },
  graph: {
    name: 'g',
    inputs: [{ name: 'x', type: 'float', shape: ['N'] }],
    outputs: [{ name: 'y', type: 'float', shape: ['N'] }],
    nodes,
    initializers: [initializerOf('two', floats([2]))],
  },
  metadata: {},
})

describe('createReferenceEvaluator', () => {
  const evaluator = createReferenceEvaluator(model(node('Mul', ['x', 'two'], 'h'), node('Neg', ['h'], 'y')))

  it('computes outputs, and values on the way to them where asked', async () => {
    expect(await evaluator.run({ x: floats([1, 2]) })).toEqual({ y: floats([-2, -4]) })
    expect(await evaluator.run({ x: floats([1, 2]) }, ['h'])).toEqual({ h: floats([2, 4]) })
  })

  it('knows the standard operators by their long name too', async () => {
    const named = { ...model({ ...node('Neg', ['x'], 'y'), domain: 'ai.onnx' }), opsets: { 'ai.onnx': 20 } }
    expect(await createReferenceEvaluator(named).run({ x: floats([1]) })).toEqual({ y: floats([-1]) })
  })

  it('says which feed is wrong', async () => {
    await expect(evaluator.run({})).rejects.toMatchObject({ code: 'DATA_COLUMN_UNKNOWN', message: /'x' is missing/ })
    await expect(evaluator.run({ x: floats([1]), z: floats([1]) })).rejects.toThrow(/no input 'z'/)
    await expect(evaluator.run({ x: int64s([1]) })).rejects.toMatchObject({ code: 'DATA_TYPE_MISMATCH' })
    await expect(evaluator.run({ x: floats([1], [2]) })).rejects.toThrow(/needs 2 values/)
    await expect(evaluator.run({ x: floats([1]) }, ['q'])).rejects.toThrow(/no value 'q'/)
  })

  it('names the node that is wrong', async () => {
    const mixed = createReferenceEvaluator(model(node('Shape', ['x'], 's'), node('Add', ['x', 's'], 'y')))
    await expect(mixed.run({ x: floats([1]) })).rejects.toMatchObject({
      code: 'GRAPH_INVALID',
      message: "node 'y' (Add): inputs are float and int64",
    })
    expect(() => createReferenceEvaluator(model(node('Frobnicate', ['x'], 'y')))).toThrow(/node 'y' \(Frobnicate\)/)
  })
})
