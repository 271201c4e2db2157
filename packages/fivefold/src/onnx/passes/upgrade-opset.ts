import { FivefoldError } from '../../core/index.ts'
import type { Attributes } from '../graph/attribute.ts'
import { initializerOf, type OnnxInitializer, type OnnxModel, type OnnxNode } from '../graph/model.ts'
import { irVersionOf } from '../graph/opset-versions.ts'
import { int64s } from '../tensor.ts'

/** What graphs are written, inferred and differentiated in. */
const WORKING_OPSET = 20
/** Before 13 Squeeze, Split and ReduceSum had axes as attributes and Softmax flattened. */
const OLDEST_OPSET = 13

/** The opset that a model imports for the standard operators; 0 where it names none. */
export const standardOpset = (model: OnnxModel): number => model.opsets[''] ?? model.opsets['ai.onnx'] ?? 0

/**
 * The model in opset 20 where it is older, and with the standard operator set under its short name: axes of reductions become
 * inputs, Split counts its parts, BatchNormalization says whether it trains (ONNX Changelog.md, opsets 14 to 20). Newer
 * models stay. Throws GRAPH_UNSUPPORTED below opset 13.
 */
export function upgradeOpset(model: OnnxModel): OnnxModel {
  const from = standardOpset(model)
  if (from < OLDEST_OPSET)
    throw new FivefoldError('GRAPH_UNSUPPORTED', `the model uses opset ${from}; export it with opset 13 or newer`)
  const nodes = model.graph.nodes.map(withShortDomain)
  const others = Object.entries(model.opsets).filter(([domain]) => domain !== 'ai.onnx')
  const opsets = { ...Object.fromEntries(others), '': Math.max(from, WORKING_OPSET) }
  const current = { ...model, opsets, graph: { ...model.graph, nodes } }
  if (from >= WORKING_OPSET) return current
  const upgraded = nodes.map((node, index) => upgradeNode(node, `/upgraded_axes_${index}`, from))
  return {
    ...current,
    irVersion: Math.max(model.irVersion, irVersionOf(WORKING_OPSET)),
    graph: {
      ...model.graph,
      nodes: upgraded.map(({ node }) => node),
      initializers: [...model.graph.initializers, ...upgraded.flatMap(({ added }) => added)],
    },
  }
}

/** 'ai.onnx' is the long name of the standard operator set (IR.md). */
const withShortDomain = (node: OnnxNode): OnnxNode => (node.domain === 'ai.onnx' ? { ...node, domain: '' } : node)

interface Upgraded {
  readonly node: OnnxNode
  readonly added: readonly OnnxInitializer[]
}

function upgradeNode(node: OnnxNode, freshName: string, from: number): Upgraded {
  if (node.domain !== '') return { node, added: [] }
  if (from < 18 && AXES_BECAME_INPUT.has(node.op)) return axesAsInput(node, freshName)
  if (from < 18 && node.op === 'Split' && (node.inputs[1] ?? '') === '')
    return changed(node, { num_outputs: { int: node.outputs.length } })
  if (from < 14 && node.op === 'BatchNormalization') return upgradeBatchNormalization(node)
  return { node, added: [] }
}

const AXES_BECAME_INPUT: ReadonlySet<string> = new Set([
  ...['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2'],
  ...['ReduceLogSum', 'ReduceLogSumExp', 'ReduceSumSquare'],
])

const changed = (node: OnnxNode, attributes: Attributes): Upgraded => ({
  node: { ...node, attributes: { ...node.attributes, ...attributes } },
  added: [],
})

function axesAsInput(node: OnnxNode, name: string): Upgraded {
  const { axes, ...attributes } = node.attributes
  if (axes === undefined || !('ints' in axes)) return { node, added: [] }
  const added = [initializerOf(name, int64s(axes.ints.map(Number)))]
  return { node: { ...node, attributes, inputs: [node.inputs[0]!, name] }, added }
}

/** Up to opset 13 asking for the statistics meant training; the two saved ones, which opset 14 dropped, must be unread. */
function upgradeBatchNormalization(node: OnnxNode): Upgraded {
  const outputs = node.outputs.slice(0, 3)
  if (outputs.slice(1).every((name) => name === ''))
    return { node: { ...node, outputs: outputs.slice(0, 1) }, added: [] }
  return changed({ ...node, outputs }, { training_mode: { int: 1 } })
}
