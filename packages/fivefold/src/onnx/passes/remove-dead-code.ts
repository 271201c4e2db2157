import type { OnnxModel, OnnxNode } from '../graph/model.ts'
import { verifyModel } from '../graph/verify-model.ts'

/** The model without nodes and weights that no output depends on. Inputs stay, read or not: callers feed them. */
export function removeDeadCode(model: OnnxModel): OnnxModel {
  const { graph } = verifyModel(model)
  const wanted = new Set(graph.outputs.map(({ name }) => name))
  const nodes: OnnxNode[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue
    nodes.push(node)
    for (const name of node.inputs) wanted.add(name)
  }
  const initializers = graph.initializers.filter(({ name }) => wanted.has(name))
  return { ...model, graph: { ...graph, nodes: nodes.reverse(), initializers } }
}
