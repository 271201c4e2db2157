import { FivefoldError } from '../../core/index.ts'
import { initializerOf, type OnnxInitializer, type OnnxModel, type OnnxNode } from '../graph/model.ts'
import { isOperator } from '../graph/typed-graph.ts'
import { placeOf, verifyModel } from '../graph/verify-model.ts'
import { KERNELS } from '../reference/kernels.ts'
import { elementCount, type TensorLiteral } from '../tensor.ts'
import { removeDeadCode } from './remove-dead-code.ts'

/** Results up to this many elements are stored even where the inputs were smaller. */
const SMALL = 4096

/** Above this many elements of input the reference kernels, which are written to be read, would take too long. */
const LARGE = 2 ** 20

/**
 * Computes the nodes that read nothing but weights, and stores what they give. Results that are larger than what they are made
 * from are left to be computed, so that the model does not grow; so are nodes that the reference kernels cannot compute.
 * Throws GRAPH_INVALID naming the node that is malformed.
 */
export function foldConstants(model: OnnxModel): OnnxModel {
  const { graph, opsets } = verifyModel(model)
  const known = new Map(graph.initializers.map((weight): [string, OnnxInitializer] => [weight.name, weight]))
  const initializers = [...graph.initializers]
  const nodes: OnnxNode[] = []
  graph.nodes.forEach((node, index) => {
    const results = fold(node, placeOf(node, index), known, opsets[''] ?? 0)
    if (results === undefined) nodes.push(node)
    for (const result of results ?? []) {
      known.set(result.name, result)
      initializers.push(result)
    }
  })
  return removeDeadCode({ ...model, graph: { ...graph, nodes, initializers } })
}

function fold(
  node: OnnxNode,
  place: string,
  known: ReadonlyMap<string, OnnxInitializer>,
  opset: number,
): OnnxInitializer[] | undefined {
  const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`
  if (!isOperator(op)) return undefined
  if (node.inputs.some((name) => name !== '' && !known.has(name))) return undefined
  const weights = node.inputs.map((name) => known.get(name))
  if (weights.some((weight) => weight?.type === 'unsupported') || countAll(weights) > LARGE) return undefined
  try {
    const inputs = weights.map((weight) => weight?.read())
    const results = KERNELS[op]({ attributes: node.attributes, inputs, outputCount: node.outputs.length, opset })
    return !grows(inputs, results) ? store(node.outputs, results) : undefined
  } catch (cause) {
    if (cause instanceof FivefoldError && cause.code === 'GRAPH_UNSUPPORTED') return undefined
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FivefoldError('GRAPH_INVALID', `${place}: ${reason}`, { cause })
  }
}

const countAll = (tensors: readonly ({ readonly shape: readonly number[] } | undefined)[]): number =>
  tensors.reduce((sum, tensor) => sum + (tensor ? elementCount(tensor.shape) : 0), 0)

const grows = (inputs: readonly (TensorLiteral | undefined)[], results: readonly TensorLiteral[]): boolean =>
  countAll(results) > Math.max(SMALL, countAll(inputs))

const store = (names: readonly string[], results: readonly TensorLiteral[]): OnnxInitializer[] =>
  names.flatMap((name, i) => (name === '' ? [] : [initializerOf(name, results[i]!)]))
