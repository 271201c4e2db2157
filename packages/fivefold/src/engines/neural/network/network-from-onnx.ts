import { didYouMean, FivefoldError } from '../../../core/index.ts'
import {
  createOperations,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxValue,
  placeModel,
  removeDeadCode,
  type TypedValue,
  toTrainingForm,
  upgradeOpset,
} from '../../../onnx/index.ts'
import type { Initializer } from './initializer.ts'
import { defineNetwork, type Network, type TensorSpec } from './network.ts'
import type { Scope } from './scope.ts'

export interface NetworkFromOnnxOptions {
  /**
   * Names of values to take as the network's outputs, inner ones too, such as the features under a head that a new one shall
   * replace; what none of them depends on is left out, weights included. Default the model's outputs.
   */
  readonly outputs?: readonly string[]
  /** Shapes of inputs without their batch axis, where the model leaves sizes open. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>
  /**
   * Which of the model's tensors are parameters, by name; the others stay as they are. Default all of rank 1 or more, running
   * statistics of batch normalisations aside, which are states.
   */
  readonly isParameter?: (name: string) => boolean
}

/**
 * A model that somebody exported as a network: it trains, freezes, takes further layers and goes out again as any other. The
 * first axis of every input is the batch. In training, BatchNormalization uses the statistics of the batch and Dropout drops.
 *
 * @example
 * const backbone = networkFromOnnx(readModel(bytes), { outputs: ['features'] })
 * const classifier = defineNetwork({
 *   ...backbone,
 *   forward: (scope, inputs) => ({ logits: dense(scope, 'head', backbone.forward(scope, inputs).features!, { units: 5 }) }),
 * })
 * @throws GRAPH_INVALID, GRAPH_UNSUPPORTED where the model cannot be taken in
 * @throws OPTION_INVALID where an input's shape is open, or the model has no value that `outputs` names
 */
export function networkFromOnnx(model: OnnxModel, options: NetworkFromOnnxOptions = {}): Network {
  const upgraded = upgradeOpset(options.outputs ? partOf(model, options.outputs) : model)
  const statistics = runningStatistics(upgraded)
  return defineNetwork({
    name: model.graph.name || 'imported',
    inputs: Object.fromEntries(upgraded.graph.inputs.map((input) => [input.name, specOf(input, options)])),
    opset: upgraded.opsets['']!,
    forward(scope, inputs) {
      const before = new Set(scope.graph.nodes)
      const declare = (weight: OnnxInitializer): TypedValue => declareWeight(scope, weight, statistics, options)
      const { outputs } = placeModel(scope.graph, upgraded, new Map(Object.entries(inputs)), declare)
      if (scope.training) {
        train(
          scope,
          scope.graph.nodes.filter((node) => !before.has(node)),
        )
      }
      return Object.fromEntries(outputs)
    },
  })
}

/** The model as far as the values of these names depend on it. */
function partOf(model: OnnxModel, names: readonly string[]): OnnxModel {
  const { graph } = model
  const made = [...graph.inputs.map(({ name }) => name), ...graph.nodes.flatMap(({ outputs }) => outputs)]
  const unknown = names.find((name) => !made.includes(name))
  if (unknown !== undefined)
    throw new FivefoldError('OPTION_INVALID', `the model has no value '${unknown}'${didYouMean(unknown, made)}`, {
      remedy: `Values are named by what the nodes give; the last ones are ${made.slice(-5).join(', ')}.`,
    })
  // Types and shapes of inner values follow when the model is placed.
  const outputs = names.map((name): OnnxValue => ({ name, type: 'float', shape: [] }))
  return removeDeadCode({ ...model, graph: { ...graph, outputs } })
}

function specOf({ name, type, shape }: OnnxValue, { shapes }: NetworkFromOnnxOptions): TensorSpec {
  if (type === 'unsupported')
    throw new FivefoldError('GRAPH_UNSUPPORTED', `the input '${name}' has an element type that is not supported`)
  return { type, shape: shapes?.[name] ?? rowShape(name, shape) }
}

function rowShape(name: string, shape: OnnxValue['shape']): readonly number[] {
  const row = shape.slice(1)
  if (shape.length > 0 && row.every((size) => typeof size === 'number' && size >= 0)) return row as number[]
  throw new FivefoldError('OPTION_INVALID', `the input '${name}' [${shape.join(', ')}] has sizes that are open`, {
    remedy: `Give its shape without the batch axis: shapes: { '${name}': [...] }.`,
  })
}

/** Tensors that batch normalisations keep without being trained. */
function runningStatistics({ graph }: OnnxModel): ReadonlySet<string> {
  const normalizations = graph.nodes.filter(({ op }) => op === 'BatchNormalization')
  return new Set(normalizations.flatMap(({ inputs }) => inputs.slice(3, 5)))
}

function declareWeight(
  scope: Scope,
  weight: OnnxInitializer,
  statistics: ReadonlySet<string>,
  { isParameter = () => true }: NetworkFromOnnxOptions,
): TypedValue {
  const { name, shape } = weight
  const literal = weight.read()
  if (statistics.has(name) && literal.type === 'float') return scope.state(name, shape, literal.data)
  if (literal.type !== 'float' || shape.length === 0 || !isParameter(name)) return scope.graph.constant(literal)
  const copy: Initializer = (values) => values.set(literal.data)
  return scope.parameter(name, shape, copy)
}

/** Gives the model's nodes the form of training, and its running statistics their next values. */
function train(scope: Scope, nodes: Scope['graph']['nodes']): void {
  const operations = createOperations(scope.graph)
  for (const batch of toTrainingForm(operations, { nodes, seed: () => scope.seed() })) {
    // PyTorch averages the unbiased variance.
    const unbiased = operations.scale(batch.variance, batch.count / Math.max(1, batch.count - 1))
    const average = (running: TypedValue, ofBatch: TypedValue): TypedValue =>
      operations.add(operations.scale(running, batch.momentum), operations.scale(ofBatch, 1 - batch.momentum))
    scope.updateState(stateName(scope, batch.runningMean), average(batch.runningMean, batch.mean))
    scope.updateState(stateName(scope, batch.runningVariance), average(batch.runningVariance, unbiased))
  }
}

/** States are graph inputs under their full names. */
const stateName = ({ path }: Scope, { name }: TypedValue): string => name.slice(path.length)
