import { type Attributes, intAttribute } from '../graph/attribute.ts'
import { defaultWeightRole, importModel } from '../graph/import-model.ts'
import type { OnnxInitializer, OnnxModel } from '../graph/model.ts'
import { createTypedGraph, type TypedGraph } from '../graph/typed-graph.ts'
import type { TypedNode, TypedValue } from '../graph/typed-value.ts'
import type { OperatorName } from '../operators/catalogue.ts'
import { toHalf } from '../reference/half-precision.ts'
import { ELEMENT_CODES, type TensorLiteral, type TensorOf } from '../tensor.ts'

export interface CastOptions {
  /** Whether inputs and outputs stay float32, so that callers need not know. Default true. */
  readonly keepsInterface?: boolean
}

/**
 * The model in half precision: weights and what flows between nodes become float16, half the memory. What half precision loses
 * (long sums, exponentials, normalizations, losses) stays float32 between casts. Weights beyond the range of float16 are cut to
 * +-65504, so that masks of -1e9 stay finite. Sizes that the model leaves open stay open.
 *
 * @throws GRAPH_UNSUPPORTED naming the node whose operator is not in the catalogue
 */
export function castModel(model: OnnxModel, { keepsInterface = true }: CastOptions = {}): OnnxModel {
  const weights = new Map<string, OnnxInitializer>()
  const imported = importModel(model, {
    weights(weight) {
      weights.set(weight.name, weight)
      return defaultWeightRole(weight)
    },
  })
  const graph = createTypedGraph({ name: model.graph.name || 'half', opset: imported.graph.opset })
  const precision = createPrecision(graph, weights)
  for (const [name, value] of imported.inputs) {
    const type = value.type === 'float' && !keepsInterface ? 'float16' : value.type
    precision.define(value, graph.input(name, type, value.shape))
  }
  for (const node of imported.graph.nodes) castNode(node, graph, precision)
  for (const [name, value] of imported.outputs)
    graph.output(name, keepsInterface ? precision.full(value) : precision.half(value))
  return graph.build(model.metadata)
}

/** Sums over many values, and functions that are steep or leave the range of float16. */
const FRAGILE: ReadonlySet<OperatorName> = new Set<OperatorName>([
  ...(['Exp', 'Log', 'Pow', 'Reciprocal', 'Sqrt', 'Softplus', 'Mish', 'CumSum', 'Mean', 'Sum', 'Range'] as const),
  ...(['ReduceSum', 'ReduceMean', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceLogSum'] as const),
  ...(['ReduceLogSumExp', 'ReduceSumSquare', 'Softmax', 'LogSoftmax', 'Resize'] as const),
  ...(['BatchNormalization', 'InstanceNormalization', 'GroupNormalization', 'LayerNormalization'] as const),
  ...(['LpNormalization', 'RMSNormalization', 'SimplifiedLayerNormalization'] as const),
  ...(['com.microsoft.SkipLayerNormalization', 'com.microsoft.EmbedLayerNormalization'] as const),
  ...(['SoftmaxCrossEntropyLoss', 'NegativeLogLikelihoodLoss'] as const),
])

interface Precision {
  half(value: TypedValue): TypedValue
  full(value: TypedValue): TypedValue
  /** What stands for a value of the old graph in the new one. */
  define(old: TypedValue, made: TypedValue): void
}

/** Each value is cast once at most, however many read it; weights are stored in the precision that their readers want. */
function createPrecision(graph: TypedGraph, weights: ReadonlyMap<string, OnnxInitializer>): Precision {
  const made = new Map<string, TypedValue>()
  const once = (key: string, make: () => TypedValue): TypedValue => {
    const value = made.get(key) ?? make()
    made.set(key, value)
    return value
  }
  const stored = (value: TypedValue, type: 'float' | 'float16'): TypedValue => {
    const literal = value.constant ?? weights.get(value.name)!.read()
    const wanted = type === 'float16' && literal.type === 'float' ? halfOf(literal) : literal
    if (value.constant !== undefined) return graph.constant(wanted)
    return graph.initializer(wanted.type === 'float16' ? `${value.name}:float16` : value.name, wanted)
  }
  const as = (value: TypedValue, type: 'float' | 'float16'): TypedValue => {
    const now = made.get(value.name)
    if (now === undefined) return once(`${value.name} as ${type}`, () => stored(value, type))
    if (value.type !== 'float' || now.type === type) return now
    return once(`${value.name} as ${type}`, () => graph.node('Cast', [now], { to: { int: ELEMENT_CODES[type] } }))
  }
  return {
    half: (value) => as(value, 'float16'),
    full: (value) => as(value, 'float'),
    define: (old, value) => made.set(old.name, value),
  }
}

function halfOf({ shape, data }: TensorOf<'float'>): TensorLiteral {
  const limited = (value: number): number => Math.min(Math.max(value, -65504), 65504)
  return { type: 'float16', shape, data: Uint16Array.from(data, (value) => toHalf(limited(value))) }
}

function castNode({ name, op, attributes, inputs, outputs }: TypedNode, graph: TypedGraph, precision: Precision): void {
  const convert = FRAGILE.has(op) ? precision.full : precision.half
  const operands = inputs.map((input) => input && convert(input))
  const made = graph.nodeWithOutputs(op, outputs.length, operands, halfAttributes(op, attributes), name)
  outputs.forEach((output, i) => {
    if (output !== undefined) precision.define(output, made[i]!)
  })
}

/** Nodes that name the type of what they make. */
function halfAttributes(op: OperatorName, attributes: Attributes): Attributes {
  const named = op === 'Cast' ? 'to' : op === 'EyeLike' ? 'dtype' : undefined
  if (named !== undefined && intAttribute(attributes, named, 0) === ELEMENT_CODES.float)
    return { ...attributes, [named]: { int: ELEMENT_CODES.float16 } }
  const { value } = attributes
  if (op !== 'ConstantOfShape' && op !== 'Constant') return attributes
  if (value === undefined) return op === 'Constant' ? attributes : { value: { tensor: halfOf(ZERO) } }
  if (!('tensor' in value) || value.tensor.type !== 'float') return attributes
  return { ...attributes, value: { tensor: halfOf(value.tensor) } }
}

const ZERO: TensorOf<'float'> = { type: 'float', shape: [1], data: new Float32Array(1) }
