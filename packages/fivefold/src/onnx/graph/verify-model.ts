import { FivefoldError } from '../../core/index.ts'
import type { OnnxGraph, OnnxModel, OnnxNode } from './model.ts'
import { sortNodes } from './sort-nodes.ts'

/** Longer names come from damaged or hostile files: the longest that exporters write are paths of some hundred characters. */
const LONGEST_NAME = 4096

/**
 * Checks that every value is made once, by an input, a weight or a node, that whatever is read is made, and that nodes can be
 * ordered; operators and shapes are not looked at. Returns the model with its nodes in an order in which every value is made
 * before it is read: the very same where that held already. Throws GRAPH_INVALID naming the node.
 */
export function verifyModel(model: OnnxModel): OnnxModel {
  const { graph } = model
  const known = declaredNames(graph)
  for (const [index, node] of graph.nodes.entries()) {
    if (node.op === '') throw invalid(`${placeOf(node, index)} has no operator`)
    for (const name of node.outputs) if (name !== '') declare(known, name, placeOf(node, index))
  }
  for (const [index, node] of graph.nodes.entries()) {
    const missing = node.inputs.find((name) => name !== '' && !known.has(name))
    if (missing !== undefined)
      throw invalid(`${placeOf(node, index)} reads '${shortened(missing)}', which nothing makes`)
  }
  const unmade = graph.outputs.find(({ name }) => !known.has(name))
  if (unmade) throw invalid(`the graph's output '${shortened(unmade.name)}' is made by nothing`)
  const nodes = sortNodes(graph.nodes)
  return nodes === graph.nodes ? model : { ...model, graph: { ...graph, nodes } }
}

/** How errors speak of a node. */
export const placeOf = (node: OnnxNode, index: number): string =>
  `node '${shortened(node.name || node.outputs.find((name) => name !== '') || `#${index}`)}' (${shortened(node.op)})`

function declaredNames({ inputs, outputs, initializers }: OnnxGraph): Set<string> {
  const known = new Set<string>()
  for (const { name } of inputs) declare(known, name, 'the inputs')
  for (const { name } of initializers) declare(known, name, 'the weights')
  const listed = new Set<string>()
  for (const { name } of outputs) declare(listed, name, 'the outputs')
  return known
}

function declare(known: Set<string>, name: string, place: string): void {
  if (name === '') throw invalid(`${place}: a value has an empty name`)
  if (name.length > LONGEST_NAME) throw invalid(`${place}: the name '${shortened(name)}' is too long`)
  if (known.has(name)) throw invalid(`${place}: the name '${name}' is taken`)
  known.add(name)
}

const shortened = (name: string): string => (name.length > 80 ? `${name.slice(0, 80)}…` : name)

const invalid = (message: string): FivefoldError => new FivefoldError('GRAPH_INVALID', message)
