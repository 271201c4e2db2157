import type { OnnxInitializer, OnnxModel, OnnxNode } from '../graph/model.ts'
import { verifyModel } from '../graph/verify-model.ts'
import { indexModel, type ModelIndex } from './model-index.ts'
import { removeDeadCode } from './remove-dead-code.ts'

/** What takes the place of a node: another that makes the same outputs, with weights of its own. */
export interface Replacement {
  readonly node: OnnxNode
  readonly weights?: readonly OnnxInitializer[]
}

/** Looks at a node and what feeds it; undefined where there is nothing to gain. Nodes that nobody reads then are dropped. */
export type Rewrite = (node: OnnxNode, index: ModelIndex) => Replacement | undefined

/** Applies rewrites until none finds anything more. */
export function rewriteModel(model: OnnxModel, rewrites: readonly Rewrite[]): OnnxModel {
  let current = verifyModel(model)
  for (;;) {
    const next = sweep(current, rewrites)
    if (next === undefined) return removeDeadCode(current)
    current = removeDeadCode(withoutIdentities(next))
  }
}

/** One pass over the nodes; undefined where nothing changed. */
function sweep(model: OnnxModel, rewrites: readonly Rewrite[]): OnnxModel | undefined {
  const index = indexModel(model)
  const weights: OnnxInitializer[] = []
  const changed = new Set<string>()
  const nodes = model.graph.nodes.map((node) => {
    // What feeds a node must still be as the index knows it.
    if (node.inputs.some((name) => changed.has(name))) return node
    const found = firstOf(rewrites, node, index)
    if (found === undefined) return node
    weights.push(...(found.weights ?? []))
    for (const name of node.outputs) changed.add(name)
    return found.node
  })
  if (changed.size === 0) return undefined
  return { ...model, graph: { ...model.graph, nodes, initializers: [...model.graph.initializers, ...weights] } }
}

function firstOf(rewrites: readonly Rewrite[], node: OnnxNode, index: ModelIndex): Replacement | undefined {
  for (const rewrite of rewrites) {
    const found = rewrite(node, index)
    if (found !== undefined) return found
  }
  return undefined
}

/** Readers of an Identity read its source instead; one that gives the graph's output its name stays. */
export function withoutIdentities(model: OnnxModel): OnnxModel {
  const outputs = new Set(model.graph.outputs.map(({ name }) => name))
  const sources = new Map<string, string>()
  const nodes = model.graph.nodes.flatMap((node) => {
    const inputs = node.inputs.map((name) => sources.get(name) ?? name)
    if (node.op !== 'Identity' || node.domain !== '' || outputs.has(node.outputs[0]!)) return [{ ...node, inputs }]
    sources.set(node.outputs[0]!, inputs[0]!)
    return []
  })
  return { ...model, graph: { ...model.graph, nodes } }
}

export const identityOf = (node: OnnxNode, source: string): OnnxNode => ({
  ...node,
  op: 'Identity',
  inputs: [source],
  outputs: node.outputs.slice(0, 1),
  attributes: {},
})
