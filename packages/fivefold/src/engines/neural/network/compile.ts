import { createRng, FivefoldError } from '../../../core/index.ts'
import {
  createTypedGraph,
  type Dimension,
  encodeModel,
  type OnnxModel,
  type TypedGraph,
  type TypedValue,
  writeGradients,
} from '../../../onnx/index.ts'
import { declaredIndexRanges, type IndexRange } from './index-range.ts'
import type { NamedValues, Network, TensorSpec } from './network.ts'
import { createScope, type Declarations, type DeclareTensor, SEED_INPUT } from './scope.ts'
import { initialWeights, type Weights, weightOf } from './weights.ts'

/**
 * Writes the loss, one number: the mean over the batch of each row's loss, weighted by `rowWeight` [N]. Rows that only pad the
 * last batch have weight 0.
 */
export type Loss<Outputs extends string = string, Targets extends string = string> = (
  graph: TypedGraph,
  outputs: NamedValues<Outputs>,
  targets: NamedValues<Targets>,
  rowWeight: TypedValue,
) => TypedValue

/** The names under which every program takes and gives its values. */
export const PROGRAM_NAMES = {
  rowWeight: 'row_weight',
  seed: SEED_INPUT,
  loss: 'loss',
  gradient: (parameter: string): string => `gradient:${parameter}`,
  update: (state: string): string => `update:${state}`,
} as const

/** A graph with the shapes of one batch size, and what is fed to it and fetched from it. */
export interface Program {
  /** Serialized ONNX model. */
  readonly model: Uint8Array
  readonly batchSize: number
  /** Inputs and targets of a batch, with the batch axis in front. */
  readonly fields: Readonly<Record<string, TensorSpec>>
  /** Which numbers fields may hold that choose a class or a row of a table. */
  readonly indexRanges: Readonly<Record<string, IndexRange>>
  /** Parameters and states that are fed, with their shapes. */
  readonly weights: ReadonlyMap<string, readonly number[]>
  /** Parameters whose gradients it computes; none where it only evaluates. */
  readonly trained: readonly string[]
  /** States that a step changes. */
  readonly updatedStates: readonly string[]
  /** Whether it takes a seed: masks of dropout change with it. */
  readonly takesSeed: boolean
  /** The network's own outputs that it gives, by name; none where it trains. */
  readonly outputs: readonly string[]
}

export interface ProgramOptions {
  readonly batchSize: number
  readonly targets: Readonly<Record<string, TensorSpec>>
  readonly loss: Loss
  /** Which parameters are trained. Default all. */
  readonly isTrained?: (parameter: string) => boolean
}

/** The graph of a training step: loss, gradients of the trained parameters, and what states become. */
export function compileTraining(network: Network, options: ProgramOptions): Program {
  const { graph, declarations, loss, fed } = writeProgram(network, options, true)
  const trained = declarations.parameters.map(({ name }) => name).filter(options.isTrained ?? (() => true))
  if (trained.length === 0) throw new FivefoldError('OPTION_INVALID', `network '${network.name}': nothing is trained`)
  graph.output(PROGRAM_NAMES.loss, loss)
  const gradients = writeGradients(
    graph,
    loss,
    trained.map((name) => declarations.values.get(name)!),
  )
  trained.forEach((name, i) => {
    if (gradients[i] === undefined)
      throw new FivefoldError(
        'OPTION_INVALID',
        `the loss does not depend on parameter '${name}': freeze it or remove it`,
      )
    graph.output(PROGRAM_NAMES.gradient(name), gradients[i])
  })
  for (const [name, value] of declarations.stateUpdates) graph.output(PROGRAM_NAMES.update(name), value)
  return {
    ...describe(graph, declarations, options.batchSize, fed),
    trained,
    updatedStates: [...declarations.stateUpdates.keys()],
    // Outputs of the graph would have to be kept, where what dropout left of them is of no use.
    outputs: [],
  }
}

/** The graph that measures: loss and the network's outputs, with dropout off and kept statistics. */
export function compileEvaluation(network: Network, options: ProgramOptions): Program {
  const { graph, declarations, outputs, loss, fed } = writeProgram(network, options, false)
  graph.output(PROGRAM_NAMES.loss, loss)
  for (const [name, value] of Object.entries(outputs)) graph.output(name, value)
  return {
    ...describe(graph, declarations, options.batchSize, fed),
    trained: [],
    updatedStates: [],
    outputs: Object.keys(outputs),
  }
}

export interface InferenceOptions {
  /** Version of the standard operator set. Default the network's. */
  readonly opset?: number
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * The network with its weights as a model to serve: any number of rows ('N').
 *
 * @throws MODEL_INPUT where a weight is missing or has another size
 */
export function networkToOnnx(network: Network, weights: Weights, options: InferenceOptions = {}): OnnxModel {
  const graph = openGraph(network, options.opset)
  const store: DeclareTensor = (name, shape) =>
    graph.initializer(name, { type: 'float', shape, data: weightOf(weights, name, shape) })
  const { scope } = createScope(graph, false, store)
  const outputs = network.forward(scope, feed(graph, network.inputs, 'N'))
  for (const [name, value] of Object.entries(outputs)) graph.output(name, value)
  return graph.build(options.metadata)
}

/** Parameters and states of a network before training, drawn from `seed`. */
export function initializeNetwork(network: Network, seed: number): Map<string, Float32Array> {
  const drawing = drawWeights(network, seed)
  let piece = drawing.next()
  while (!piece.done) piece = drawing.next()
  return piece.value
}

/** The same, piece by piece. */
export const drawWeights = (network: Network, seed: number): ReturnType<typeof initialWeights> =>
  initialWeights(declaredTensors(network), createRng(seed, network.name))

/** What the layers of a network declare. */
export function declaredTensors(network: Network): Declarations {
  const graph = openGraph(network)
  const { scope, declarations } = createScope(graph, true, (name, shape) => graph.input(name, 'float', shape))
  network.forward(scope, feed(graph, network.inputs, 1))
  return declarations
}

const openGraph = ({ name, opset }: Network, wanted = opset): TypedGraph =>
  createTypedGraph({ name, ...(wanted !== undefined && { opset: wanted }) })

function writeProgram(network: Network, options: ProgramOptions, training: boolean) {
  const { batchSize, targets, loss } = options
  const graph = openGraph(network)
  const { scope, declarations } = createScope(graph, training, (name, shape) => graph.input(name, 'float', shape))
  const inputValues = feed(graph, network.inputs, batchSize)
  const outputs = network.forward(scope, inputValues)
  checkTargetNames(network, Object.keys(outputs), Object.keys(targets))
  const rowWeight = graph.input(PROGRAM_NAMES.rowWeight, 'float', [batchSize])
  const targetValues = feed(graph, targets, batchSize)
  const lossValue = loss(graph, outputs, targetValues, rowWeight)
  const fed = {
    fields: { ...network.inputs, ...targets },
    indexRanges: declaredIndexRanges({ ...inputValues, ...targetValues }),
  }
  return { graph, declarations, outputs, loss: lossValue, fed }
}

/** All are values of one graph. */
function checkTargetNames({ name, inputs }: Network, outputs: readonly string[], targets: readonly string[]): void {
  const taken = targets.find((target) => Object.hasOwn(inputs, target) || outputs.includes(target))
  if (taken === undefined) return
  const what = outputs.includes(taken) ? 'an output' : 'an input'
  throw new FivefoldError('OPTION_INVALID', `network '${name}': ${what} and a target are both called '${taken}'`, {
    remedy: 'Give the target a name of its own.',
  })
}

function feed(graph: TypedGraph, specs: Readonly<Record<string, TensorSpec>>, batch: Dimension): NamedValues {
  const entries = Object.entries(specs)
  return Object.fromEntries(
    entries.map(([name, { type, shape }]) => [name, graph.input(name, type, [batch, ...shape])]),
  )
}

function describe(
  graph: TypedGraph,
  { parameters, states }: Declarations,
  batchSize: number,
  fields: Pick<Program, 'fields' | 'indexRanges'>,
): Omit<Program, 'trained' | 'updatedStates' | 'outputs'> {
  const model = graph.build()
  const inputs = new Set(model.graph.inputs.map(({ name }) => name))
  return {
    model: encodeModel(model),
    batchSize,
    ...fields,
    weights: new Map([...parameters, ...states].map(({ name, shape }) => [name, shape])),
    takesSeed: inputs.has(PROGRAM_NAMES.seed),
  }
}
