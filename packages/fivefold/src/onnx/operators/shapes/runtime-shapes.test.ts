import { describe, expect, it } from 'vitest'
import { createRng, type Rng } from '../../../core/index.ts'
import { initializerOf, type OnnxModel } from '../../graph/model.ts'
import type { TypedValue, ValueType } from '../../graph/typed-value.ts'
import { encodeModel } from '../../protobuf/model-proto.ts'
import { createSession } from '../../session/session.ts'
import { elementCount, type NumericType, type TensorLiteral, zerosOf } from '../../tensor.ts'
import { OPERATORS, type OperatorName } from '../catalogue.ts'
import { RANDOM_NODES, type RandomInput, type RandomNode } from './random-nodes.reference.ts'
import { SHAPE_RULES } from './shape-rules.ts'

const CASES_PER_OPERATOR = 15

/** The runtime knows these only from newer opsets on. */
const FIRST_OPSETS: Partial<Record<OperatorName, number>> = { RMSNormalization: 23 }

describe('shapes and types that the runtime gives', () => {
  it.each(OPERATORS)('%s', async (op) => {
    const rng = createRng(1, op)
    for (let i = 0; i < CASES_PER_OPERATOR; i++) await checkNode(op, rng)
  })
})

async function checkNode(op: OperatorName, rng: Rng): Promise<void> {
  const node = RANDOM_NODES[op](rng)
  const { attributes = {}, outputCount = 1 } = node
  const opset = FIRST_OPSETS[op] ?? 20
  const inputs = node.inputs.map((input, i) => toValue(input, `x${i}`))
  const inferred = SHAPE_RULES[op]({ op, attributes, inputs, outputCount, opset }).slice(0, outputCount)
  await using session = await createSession(encodeModel(modelOf(op, opset, node, inferred)))
  const results = await session.run(feedsOf(node, rng))
  const actual = inferred.map((_, i) => ({ type: results[`y${i}`]!.type, shape: [...results[`y${i}`]!.shape] }))
  const text = JSON.stringify(node, (_, value) => (typeof value === 'bigint' ? Number(value) : value))
  expect(inferred, text).toEqual(actual)
}

function toValue(input: RandomInput, name: string): TypedValue | undefined {
  if (input === undefined || 'type' in input) return input && { name, type: input.type, shape: input.shape }
  return { name, type: input.literal.type, shape: input.literal.shape, constant: input.literal }
}

/** The outputs are declared without sizes, so that the runtime finds them itself. */
function modelOf(op: OperatorName, opset: number, node: RandomNode, inferred: readonly ValueType[]): OnnxModel {
  const domain = op.startsWith('com.microsoft.') ? 'com.microsoft' : ''
  const outputs = inferred.map(({ type, shape }, i) => ({ name: `y${i}`, type, shape: shape.map(() => '') }))
  const inputs = node.inputs.map((input, i) => ({ input, name: `x${i}` }))
  return {
    irVersion: 9,
    producer: 'test',
    opsets: { '': opset, 'com.microsoft': 1 },
    metadata: {},
    graph: {
      name: op,
      inputs: inputs.flatMap(({ input, name }) => (input && 'type' in input ? [{ ...input, name }] : [])),
      initializers: inputs.flatMap(({ input, name }) =>
        input && 'literal' in input ? [initializerOf(name, input.literal)] : [],
      ),
      outputs,
      nodes: [
        {
          name: op,
          op: op.slice(op.lastIndexOf('.') + 1),
          domain,
          inputs: inputs.map(({ input, name }) => (input === undefined ? '' : name)),
          outputs: outputs.map(({ name }) => name),
          attributes: node.attributes ?? {},
        },
      ],
    },
  }
}

function feedsOf({ inputs }: RandomNode, rng: Rng): Record<string, TensorLiteral> {
  const feeds: Record<string, TensorLiteral> = {}
  inputs.forEach((input, at) => {
    if (input === undefined || !('type' in input)) return
    const literal = zerosOf(input.type as NumericType, input.shape)
    const count = elementCount(input.shape)
    for (let i = 0; i < count; i++) {
      if (literal.type === 'int64') literal.data[i] = BigInt(rng.int(input.largest))
      else literal.data[i] = literal.type === 'int32' || literal.type === 'bool' ? rng.int(input.largest) : rng.next()
    }
    feeds[`x${at}`] = literal
  })
  return feeds
}
