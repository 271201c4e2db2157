import { describe, expect, it } from 'vitest'
import type { Attributes } from '../graph/attribute.ts'
import { initializerOf, type OnnxModel, type OnnxNode } from '../graph/model.ts'
import { createReferenceEvaluator } from '../reference/evaluator.ts'
import { floats, int64s } from '../tensor.ts'
import { splitSequences } from './split-sequences.ts'

const node = (op: string, inputs: string[], output: string, attributes: Attributes = {}): OnnxNode => ({
  name: output,
  op,
  domain: '',
  inputs,
  outputs: [output],
  attributes,
})

const model = (place: string): OnnxModel => ({
  irVersion: 9,
  producer: '',
  opsets: { '': 20 },
  graph: {
    name: 'g',
    inputs: [
      { name: 'x', type: 'float', shape: [5] },
      { name: 'fed', type: 'int64', shape: [] },
    ],
    outputs: [{ name: 'y', type: 'float', shape: [3] }],
    nodes: [
      node('Constant', [], 'last', { value: { tensor: int64s([-1], []) } }),
      node('SplitToSequence', ['x', 'sizes'], 's', { axis: { int: 0 } }),
      node('SequenceAt', ['s', place], 'y'),
    ],
    initializers: [initializerOf('sizes', int64s([2, 3]))],
  },
  metadata: {},
})

describe('splitSequences', () => {
  it('takes parts straight from a Split', async () => {
    const evaluator = createReferenceEvaluator(splitSequences(model('last')))
    const feeds = { x: floats([1, 2, 3, 4, 5]), fed: int64s([0], []) }
    expect(await evaluator.run(feeds)).toEqual({ y: floats([3, 4, 5]) })
  })

  it('leaves alone what is taken by a place that is fed', () => {
    expect(splitSequences(model('fed')).graph.nodes.map(({ op }) => op)).toEqual([
      'Constant',
      'SplitToSequence',
      'SequenceAt',
    ])
  })
})
