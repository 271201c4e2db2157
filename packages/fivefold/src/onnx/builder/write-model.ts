import { FivefoldError } from '../../core/index.ts'
import type { OnnxModel, OperatorDomain } from '../graph/model.ts'
import type { GraphBuilder, ValueRef } from './builder.ts'

/**
 * Writes the nodes of a model into a graph under construction, which must be of the same opset: the model's inputs are values
 * that are there already.
 *
 * @returns the model's outputs
 * @throws GRAPH_INVALID where an input is not given, or a node reads a value that nobody makes
 */
export function writeModel(
  builder: GraphBuilder,
  { graph }: OnnxModel,
  inputs: Readonly<Record<string, ValueRef>>,
): Record<string, ValueRef> {
  const values = new Map<string, ValueRef>(Object.entries(inputs))
  const find = (name: string): ValueRef => {
    const value = values.get(name)
    if (value === undefined) throw new FivefoldError('GRAPH_INVALID', `graph '${graph.name}': '${name}' is not there`)
    return value
  }
  for (const initializer of graph.initializers) values.set(initializer.name, builder.constant(initializer.read()))
  for (const { op, domain, inputs: names, outputs, attributes, name } of graph.nodes) {
    const nodeInputs = names.map((input) => (input === '' ? undefined : find(input)))
    const options = { domain: domain as OperatorDomain, name: name || op }
    const results = builder.nodeWithOutputs(op, outputs.length, nodeInputs, attributes, options)
    outputs.forEach((output, i) => {
      values.set(output, results[i]!)
    })
  }
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, find(name)]))
}
