import { FivefoldError } from '../../core/index.ts'
import { OPERATORS, type OperatorName } from '../operators/catalogue.ts'
import { SHAPE_RULES } from '../operators/shapes/shape-rules.ts'
import { KERNELS } from '../reference/kernels.ts'
import { type Dimension, type ElementType, elementCount, type TensorLiteral } from '../tensor.ts'
import { assembleGraph, type GraphOutput, opsetsOf } from './assemble-graph.ts'
import type { Attributes } from './attribute.ts'
import type { OnnxModel, OnnxValue } from './model.ts'
import { irVersionOf } from './opset-versions.ts'
import type { NodeSignature, TypedNode, TypedValue, ValueType } from './typed-value.ts'

/** ONNX 1.15: Gelu, reductions with axes as inputs, ScatterND that adds. */
export const WORKING_OPSET = 20

/** Above this many elements a computed constant is left to the runtime, so that models do not grow by folding. */
const FOLD_LIMIT = 4096

export interface TypedGraphOptions {
  readonly name: string
  /** Version of the standard operator set. Default 20. */
  readonly opset?: number
}

/**
 * Writes a graph whose values know type and shape from the moment they are made. Nodes over constants are computed at once,
 * and constants are stored only where a node that remains reads them. Deterministic: the same calls give the same model.
 * Every method throws GRAPH_INVALID naming the node where inputs do not fit.
 */
export interface TypedGraph {
  readonly opset: number
  input(name: string, type: ElementType, shape: readonly Dimension[]): TypedValue
  /** A weight: stored under its name, never folded. */
  initializer(name: string, literal: TensorLiteral): TypedValue
  constant(literal: TensorLiteral): TypedValue
  /** A node with one output. */
  node(
    op: OperatorName,
    inputs: readonly (TypedValue | undefined)[],
    attributes?: Attributes,
    name?: string,
  ): TypedValue
  /** A node with several outputs. */
  nodeWithOutputs(
    op: OperatorName,
    outputCount: number,
    inputs: readonly (TypedValue | undefined)[],
    attributes?: Attributes,
    name?: string,
  ): readonly TypedValue[]
  /** Declares `value` as the graph's output under `name`. */
  output(name: string, value: TypedValue): void
  /**
   * Writes other nodes in the place of `node`: the values that `write` returns take over the names of its outputs, so that
   * readers notice nothing. Returns the nodes written.
   */
  replace(node: TypedNode, write: () => readonly (TypedValue | undefined)[]): readonly TypedNode[]
  /** The nodes so far, in order: the tape that gradients are taken along. */
  readonly nodes: readonly TypedNode[]
  build(metadata?: Readonly<Record<string, string>>): OnnxModel
}

const KNOWN: ReadonlySet<string> = new Set(OPERATORS)

export const isOperator = (name: string): name is OperatorName => KNOWN.has(name)

export function createTypedGraph(options: TypedGraphOptions): TypedGraph {
  const opset = options.opset ?? WORKING_OPSET
  const inputs: OnnxValue[] = []
  const outputs: GraphOutput[] = []
  const nodes: TypedNode[] = []
  const initializers = new Map<string, TensorLiteral>()
  const names = new Set<string>()

  const declare = (wanted: string): string => {
    if (wanted === '') throw invalid('a value has an empty name')
    if (names.has(wanted)) throw invalid(`the name '${wanted}' is taken`)
    names.add(wanted)
    return wanted
  }
  const freshName = (prefix: string): string => {
    let name = `${prefix}_${names.size}`
    while (names.has(name)) name += '_'
    return declare(name)
  }

  const constant = (literal: TensorLiteral): TypedValue => ({
    name: freshName('constant'),
    type: literal.type,
    shape: literal.shape,
    constant: literal,
  })

  const nodeWithOutputs: TypedGraph['nodeWithOutputs'] = (op, outputCount, nodeInputs, attributes = {}, name = op) => {
    const signature = { op, attributes, inputs: nodeInputs, outputCount, opset }
    const place = freshName(name)
    const types = inferTypes(signature, place)
    const folded = foldNode(signature, types)
    if (folded) return folded.map(constant)
    const results = types.slice(0, outputCount).map(({ type, shape }, i) => ({
      name: i === 0 ? place : declare(`${place}:${i}`),
      type,
      shape,
    }))
    nodes.push({ name: place, op, attributes, inputs: nodeInputs, outputs: results })
    return results
  }

  return {
    opset,
    nodes,
    constant,
    nodeWithOutputs,
    input(name, type, shape) {
      inputs.push({ name: declare(name), type, shape })
      return { name, type, shape }
    },
    initializer(name, literal) {
      initializers.set(declare(name), literal)
      return { name, type: literal.type, shape: literal.shape }
    },
    replace(node, write) {
      const at = nodes.indexOf(node)
      if (at < 0) throw invalid(`node '${node.name}' is not in the graph`)
      const following = nodes.splice(at).slice(1)
      const values = write()
      node.outputs.forEach((output, i) => {
        const value = values[i]
        if (output === undefined || value === undefined) return
        nodes.push({ name: output.name, op: 'Identity', attributes: {}, inputs: [value], outputs: [output] })
      })
      const written = nodes.slice(at)
      nodes.push(...following)
      return written
    },
    node: (op, nodeInputs, attributes, name) => nodeWithOutputs(op, 1, nodeInputs, attributes, name)[0]!,
    output(name, value) {
      if (outputs.some((output) => output.name === name)) throw invalid(`the graph has two outputs '${name}'`)
      outputs.push({ name, value })
    },
    build(metadata = {}) {
      if (outputs.length === 0) throw invalid(`graph '${options.name}' has no output`)
      return {
        irVersion: irVersionOf(opset),
        producer: 'fivefold',
        opsets: opsetsOf(nodes, opset),
        graph: { name: options.name, inputs, ...assembleGraph(nodes, outputs, initializers, names) },
        metadata,
      }
    },
  }
}

function inferTypes(signature: NodeSignature, place: string): readonly ValueType[] {
  try {
    const types = SHAPE_RULES[signature.op](signature)
    if (types.length >= signature.outputCount) return types
    throw invalid(`${signature.op} has ${types.length} outputs, not ${signature.outputCount}`)
  } catch (cause) {
    if (!(cause instanceof FivefoldError)) throw cause
    throw new FivefoldError(cause.code, `node '${place}': ${cause.message}`, { cause })
  }
}

/** The outputs as values, where they depend on nothing that is fed and are small. */
function foldNode(signature: NodeSignature, types: readonly ValueType[]): readonly TensorLiteral[] | undefined {
  const { op, attributes, outputCount, opset } = signature
  const inputs = signature.inputs.map((input) => input && knownContent(op, input))
  const isOpen = inputs.some((content, i) => content === undefined && signature.inputs[i] !== undefined)
  if (isOpen) return undefined
  const count = types.reduce((sum, { shape }) => sum + elementCount(shape.map(Number)), 0)
  return count <= FOLD_LIMIT ? KERNELS[op]({ attributes, inputs, outputCount, opset }) : undefined
}

/** Shape and Size ask for nothing but a shape, so an empty tensor of that shape will do. */
function knownContent(op: OperatorName, input: TypedValue): TensorLiteral | undefined {
  if (input.constant !== undefined || (op !== 'Shape' && op !== 'Size')) return input.constant
  if (input.shape.some((size) => typeof size === 'string')) return undefined
  return { type: 'bool', shape: input.shape.map(Number), data: new Uint8Array() }
}

const invalid = (message: string): FivefoldError => new FivefoldError('GRAPH_INVALID', message)
