import { FivefoldError } from '../../core/index.ts'
import type { OnnxModel, OnnxNode, OnnxValue } from '../graph/model.ts'
import { isOperator } from '../graph/typed-graph.ts'
import { standardOpset } from '../passes/upgrade-opset.ts'
import { checkLiteral, type TensorLiteral } from '../tensor.ts'
import { KERNELS } from './kernels.ts'

type Values = Readonly<Record<string, TensorLiteral>>

/** A model that is computed in plain TypeScript: slow and exact, to hold faster ways of computing it against. */
export interface ReferenceEvaluator {
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /**
   * Computes the graph. Without `outputs` every output, otherwise the named ones, which may be values inside the graph.
   * Throws DATA_COLUMN_UNKNOWN and DATA_TYPE_MISMATCH where the feeds are not what the graph takes, GRAPH_INVALID naming the
   * node where a node cannot be computed.
   */
  run(feeds: Values, outputs?: readonly string[]): Promise<Record<string, TensorLiteral>>
}

/**
 * Floats are computed as doubles and rounded where a node stores them, integers exactly; nothing is random, so Dropout that
 * trains must have ratio 0. Throws GRAPH_UNSUPPORTED where the graph has an operator that is not in the catalogue.
 */
export function createReferenceEvaluator(model: OnnxModel): ReferenceEvaluator {
  const { inputs, outputs, nodes, initializers } = model.graph
  const steps = nodes.map((node) => stepOf(node, standardOpset(model)))
  const weights = initializers.map(({ name, read }) => [name, read()] as const)
  return {
    inputs,
    outputs,
    async run(feeds, wanted = outputs.map(({ name }) => name)) {
      checkFeeds(feeds, inputs)
      const values = new Map<string, TensorLiteral>([...weights, ...Object.entries(feeds)])
      for (const step of steps) step(values)
      return Object.fromEntries(wanted.map((name) => [name, valueNamed(values, name, 'the graph')]))
    },
  }
}

/** Computes one node: reads its inputs from the values so far and adds its outputs. */
function stepOf(node: OnnxNode, opset: number): (values: Map<string, TensorLiteral>) => void {
  const place = `node '${node.name || node.outputs[0]}' (${node.op})`
  const op = node.domain === '' || node.domain === 'ai.onnx' ? node.op : `${node.domain}.${node.op}`
  const kernel = isOperator(op) ? KERNELS[op] : undefined
  if (kernel === undefined) throw new FivefoldError('GRAPH_UNSUPPORTED', `${place}: ${op} has no reference kernel`)
  const { attributes } = node
  const outputCount = node.outputs.length
  return (values) => {
    const inputs = node.inputs.map((name) => (name === '' ? undefined : valueNamed(values, name, place)))
    try {
      const results = kernel({ attributes, inputs, outputCount, opset })
      node.outputs.forEach((name, i) => {
        if (name !== '') values.set(name, results[i] ?? noOutput(i))
      })
    } catch (cause) {
      const code = cause instanceof FivefoldError ? cause.code : 'GRAPH_INVALID'
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new FivefoldError(code, `${place}: ${reason}`, { cause })
    }
  }
}

function noOutput(index: number): never {
  throw new FivefoldError('GRAPH_UNSUPPORTED', `output ${index} is not computed`)
}

function valueNamed(values: ReadonlyMap<string, TensorLiteral>, name: string, place: string): TensorLiteral {
  const value = values.get(name)
  if (value === undefined) throw new FivefoldError('GRAPH_INVALID', `${place}: there is no value '${name}'`)
  return value
}

function checkFeeds(feeds: Values, inputs: readonly OnnxValue[]): void {
  for (const { name, type } of inputs) {
    const feed = feeds[name]
    if (feed === undefined) throw new FivefoldError('DATA_COLUMN_UNKNOWN', `the model's input '${name}' is missing`)
    if (feed.type !== type)
      throw new FivefoldError('DATA_TYPE_MISMATCH', `input '${name}' takes ${type}, got ${feed.type}`)
    checkLiteral(feed, `input '${name}'`)
  }
  const unknown = Object.keys(feeds).find((name) => !inputs.some((input) => input.name === name))
  if (unknown !== undefined) throw new FivefoldError('DATA_COLUMN_UNKNOWN', `the model has no input '${unknown}'`)
}
