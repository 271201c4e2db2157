import type { OnnxModel } from '../../graph/model.ts'
import type { OperatorName } from '../../operators/catalogue.ts'
import type { TensorLiteral } from '../../tensor.ts'
import type { OperatorCase } from './operator-case.reference.ts'

/** A model of one node whose inputs x0, x1, ... are fed; `outputs` tell the types of y0, y1, ... */
export function oneNodeModel(
  op: OperatorName,
  { inputs, attributes, opset }: OperatorCase,
  outputs: readonly TensorLiteral[],
): OnnxModel {
  const at = op.lastIndexOf('.')
  const values = outputs.map(({ type, shape }, i) => ({ name: `y${i}`, type, shape }))
  return {
    irVersion: 10,
    producer: 'fivefold',
    opsets: { '': opset, 'com.microsoft': 1 },
    graph: {
      name: op,
      inputs: inputs.flatMap((input, i) => (input ? [{ name: `x${i}`, type: input.type, shape: input.shape }] : [])),
      outputs: values,
      nodes: [
        {
          name: op,
          op: op.slice(at + 1),
          domain: at < 0 ? '' : op.slice(0, at),
          inputs: inputs.map((input, i) => (input ? `x${i}` : '')),
          outputs: values.map(({ name }) => name),
          attributes,
        },
      ],
      initializers: [],
    },
    metadata: {},
  }
}

export const feedsOf = ({ inputs }: OperatorCase): Record<string, TensorLiteral> =>
  Object.fromEntries(inputs.flatMap((input, i) => (input ? [[`x${i}`, input]] : [])))
