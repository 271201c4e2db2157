import { didYouMean, FivefoldError } from '../../core/index.ts'
import { splitSequences } from '../passes/split-sequences.ts'
import { upgradeOpset } from '../passes/upgrade-opset.ts'
import type { Dimension, TensorLiteral } from '../tensor.ts'
import {
  initializerOf,
  type OnnxGraph,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
} from './model.ts'
import { createTypedGraph, isOperator, type TypedGraph } from './typed-graph.ts'
import type { TypedValue } from './typed-value.ts'
import { placeOf, verifyModel } from './verify-model.ts'

/** What becomes of a tensor that the model carries. */
export type WeightRole = 'initializer' | 'input' | 'constant'

export interface ImportOptions {
  /** Numbers for the sizes that the model leaves open, by their name: `{ N: 32 }`. */
  readonly dimensions?: Readonly<Record<string, number>>
  /** Whole shapes of inputs, for models whose open sizes have no name. */
  readonly inputShapes?: Readonly<Record<string, readonly Dimension[]>>
  /**
   * What becomes of each tensor of real numbers that nodes read: stored under its name, fed under its name, or folded into the
   * graph. Default: those of rank 1 or more are stored. Integers, truth values and texts are always folded, since shapes may
   * hang on them.
   */
  readonly weights?: (weight: OnnxInitializer) => WeightRole
}

/** A model as a graph of typed values, to which nodes can be added. */
export interface ImportedModel {
  /** Has no outputs yet: declare those that are wanted with `graph.output`. */
  readonly graph: TypedGraph
  readonly inputs: ReadonlyMap<string, TypedValue>
  readonly outputs: ReadonlyMap<string, TypedValue>
  /** The tensors that are stored or fed, by name. */
  readonly weights: ReadonlyMap<string, TypedValue>
  /** Every value of the model by its name, inner ones too. */
  readonly values: ReadonlyMap<string, TypedValue>
}

/**
 * Infers type and shape of every value of a model. Opsets 13 to 19 are brought to 20; nodes over constants, such as the shape
 * arithmetic of exporters, are computed, so that with all `dimensions` bound every shape is fixed.
 *
 * @throws GRAPH_INVALID naming the node that is malformed or whose inputs do not fit
 * @throws GRAPH_UNSUPPORTED naming the node whose operator is not in the catalogue
 * @throws OPTION_INVALID where `dimensions` or `inputShapes` name nothing of the model
 */
export function importModel(model: OnnxModel, options: ImportOptions = {}): ImportedModel {
  const sorted = verifyModel(splitSequences(upgradeOpset(model)))
  const { graph: source } = sorted
  checkOptions(source.inputs, options)
  const graph = createTypedGraph({ name: source.name || 'imported', opset: sorted.opsets['']! })
  const inputs = new Map(
    source.inputs.map((input) => [input.name, graph.input(input.name, ...typeAndShape(input, options))]),
  )
  const roleOf = options.weights ?? defaultWeightRole
  const placed = placeSorted(graph, source, inputs, (weight) => declareWeight(graph, weight, roleOf(weight)))
  const weights = new Map([...placed.weights].filter(([, { constant }]) => constant === undefined))
  return { graph, inputs, outputs: placed.outputs, weights, values: placed.values }
}

/** What a model became inside another graph. */
export type PlacedModel = Pick<ImportedModel, 'outputs' | 'weights' | 'values'>

/**
 * Writes the nodes of a model into a graph that is there already, which must be of the model's opset (20 for all up to 20).
 *
 * @param inputs a value for each input of the model
 * @param weight gives the value of each tensor of real numbers that nodes read; integers, truth values and texts are folded
 * @throws GRAPH_INVALID, GRAPH_UNSUPPORTED as `importModel`, and where an input is missing or the opsets differ
 */
export function placeModel(
  graph: TypedGraph,
  model: OnnxModel,
  inputs: ReadonlyMap<string, TypedValue>,
  weight: (weight: OnnxInitializer) => TypedValue,
): PlacedModel {
  const sorted = verifyModel(upgradeOpset(model))
  const opset = sorted.opsets['']!
  if (opset !== graph.opset)
    throw new FivefoldError('GRAPH_UNSUPPORTED', `a model of opset ${opset} does not go into a graph of ${graph.opset}`)
  const missing = sorted.graph.inputs.find(({ name }) => !inputs.has(name))
  if (missing !== undefined)
    throw new FivefoldError('GRAPH_INVALID', `the model's input '${missing.name}' is not given`)
  return placeSorted(graph, sorted.graph, inputs, weight)
}

function placeSorted(
  graph: TypedGraph,
  source: OnnxGraph,
  inputs: ReadonlyMap<string, TypedValue>,
  weight: (weight: OnnxInitializer) => TypedValue,
): PlacedModel {
  const weights = placeWeights(graph, source, weight)
  const values = new Map([...inputs, ...weights])
  for (const [index, node] of source.nodes.entries())
    if (!isWeight(node)) addNode(graph, node, placeOf(node, index), values)
  return { weights, values, outputs: new Map(source.outputs.map(({ name }) => [name, values.get(name)!])) }
}

function checkOptions(inputs: readonly OnnxValue[], { dimensions = {}, inputShapes = {} }: ImportOptions): void {
  const open = new Set(inputs.flatMap(({ shape }) => shape.filter((size) => typeof size === 'string')))
  checkNames('size', Object.keys(dimensions), open)
  checkNames('input', Object.keys(inputShapes), new Set(inputs.map(({ name }) => name)))
  for (const [name, size] of Object.entries(dimensions))
    if (!Number.isSafeInteger(size) || size < 0)
      throw new FivefoldError('OPTION_INVALID', `dimensions: '${name}' must be a whole number, got ${size}`)
}

function checkNames(what: string, named: readonly string[], known: ReadonlySet<string>): void {
  const unknown = named.find((name) => !known.has(name))
  if (unknown === undefined) return
  const names = [...known]
  throw new FivefoldError(
    'OPTION_INVALID',
    `the model has no ${what} '${unknown}' (it has: ${names.join(', ') || 'none'})${didYouMean(unknown, names)}`,
  )
}

function typeAndShape(
  { name, type, shape }: OnnxValue,
  { dimensions = {}, inputShapes = {} }: ImportOptions,
): [type: TypedValue['type'], shape: readonly Dimension[]] {
  if (type === 'unsupported')
    throw new FivefoldError('GRAPH_UNSUPPORTED', `the input '${name}' has an element type that is not supported`)
  const wanted = inputShapes[name] ?? shape
  if (wanted.length !== shape.length && shape.length > 0)
    throw new FivefoldError('OPTION_INVALID', `inputShapes: '${name}' has ${shape.length} axes, got ${wanted.length}`)
  return [type, wanted.map((size) => bound(size, dimensions))]
}

/** Some exporters write -1 for an open size. */
function bound(size: Dimension, dimensions: Readonly<Record<string, number>>): Dimension {
  if (typeof size === 'number') return size < 0 ? '' : size
  return Object.hasOwn(dimensions, size) ? dimensions[size]! : size
}

function placeWeights(
  graph: TypedGraph,
  source: OnnxGraph,
  weight: (weight: OnnxInitializer) => TypedValue,
): Map<string, TypedValue> {
  const read = new Set([...source.nodes.flatMap(({ inputs }) => inputs), ...source.outputs.map(({ name }) => name)])
  const scales = valuesBehindScales(source.nodes)
  const tensors = [...source.initializers, ...source.nodes.filter(isWeight).map(weightOf)]
  const wanted = tensors.filter(({ name }) => read.has(name))
  return new Map(
    wanted.map((tensor) => {
      const isOpen = isReal(tensor.type) && !scales.has(tensor.name)
      return [tensor.name, isOpen ? weight(tensor) : declareWeight(graph, tensor, 'constant')]
    }),
  )
}

/** What the scales of Resize are computed from, sizes apart: shapes hang on them. */
function valuesBehindScales(nodes: readonly OnnxNode[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { op, inputs, outputs } of nodes.toReversed()) {
    const isBehind = op !== 'Shape' && op !== 'Size' && outputs.some((name) => found.has(name))
    const behind = op === 'Resize' ? inputs.slice(1, 3) : isBehind ? inputs : []
    for (const name of behind) if (name !== '') found.add(name)
  }
  return found
}

/** Single numbers are folded, tensors stored. */
export const defaultWeightRole = ({ shape }: OnnxInitializer): WeightRole =>
  shape.length === 0 ? 'constant' : 'initializer'

const isReal = (type: string): boolean => type === 'float' || type === 'double' || type === 'float16'

/** Some exporters write weights as nodes of the kind Constant. */
const isWeight = ({ op, domain, attributes }: OnnxNode): boolean =>
  op === 'Constant' && domain === '' && attributes.value !== undefined && 'tensor' in attributes.value

function weightOf({ attributes, outputs }: OnnxNode): OnnxInitializer {
  const { tensor } = attributes.value as { tensor: TensorLiteral }
  return initializerOf(outputs[0]!, tensor)
}

function declareWeight(graph: TypedGraph, weight: OnnxInitializer, role: WeightRole): TypedValue {
  const { name, type, shape } = weight
  if (type === 'unsupported')
    throw new FivefoldError('GRAPH_UNSUPPORTED', `the weight '${name}' has an element type that is not supported`)
  if (role === 'input') return graph.input(name, type, shape)
  return role === 'initializer' ? graph.initializer(name, weight.read()) : graph.constant(weight.read())
}

function addNode(graph: TypedGraph, node: OnnxNode, place: string, values: Map<string, TypedValue>): void {
  const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`
  if (!isOperator(op))
    throw new FivefoldError('GRAPH_UNSUPPORTED', `${place}: the operator ${op} is not one that graphs here can take in`)
  const names = node.outputs
  const inputs = trimmed(node.inputs).map((name) => (name === '' ? undefined : values.get(name)!))
  const outputs = graph.nodeWithOutputs(op, names.length, inputs, node.attributes, node.name || op)
  names.forEach((name, i) => {
    if (name !== '') values.set(name, outputs[i]!)
  })
}

/** Without the absent inputs behind the last that is there. */
function trimmed(inputs: readonly string[]): readonly string[] {
  return inputs.slice(0, inputs.findLastIndex((name) => name !== '') + 1)
}
