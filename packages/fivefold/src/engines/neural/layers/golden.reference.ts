import { readFileSync } from 'node:fs'
import { createSession, encodeModel, floats, type TensorLiteral } from '../../../onnx/index.ts'
import { compileTraining, type Loss, networkToOnnx, PROGRAM_NAMES } from '../network/compile.ts'
import { zeros } from '../network/initializer.ts'
import { type NamedValues, type Network, type TensorSpec, tensor } from '../network/network.ts'
import type { Scope } from '../network/scope.ts'

/** Runs a layer with PyTorch's weights, as the graph that serves and as the one that trains. */

interface GoldenTensor {
  readonly type: 'float' | 'int64' | 'bool'
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

type GoldenTensors = Readonly<Record<string, GoldenTensor>>

export interface GoldenCase {
  readonly name: string
  /** Names of inputs of the fixture. */
  readonly inputs: Readonly<Record<string, string>>
  readonly weights: GoldenTensors
  readonly inference: GoldenTensors
  /** Where training gives something else. */
  readonly training?: GoldenTensors
  readonly coefficients: GoldenTensors
  readonly gradients: GoldenTensors
  readonly updates: GoldenTensors
}

export interface GoldenLayers {
  readonly inputs: GoldenTensors
  readonly cases: readonly GoldenCase[]
}

export const readGolden = <Golden>(file: string): Golden =>
  JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Golden

/** A layer under test: its parameters live under the name `layer`. */
export type WriteLayer = (scope: Scope, inputs: NamedValues) => NamedValues

export type Results = Readonly<Record<string, ArrayLike<number>>>

export function toLiteral({ type, shape, values }: GoldenTensor, rows?: number): TensorLiteral {
  const kept = rows === undefined ? values : values.slice(0, (values.length / shape[0]!) * rows)
  const dims = rows === undefined ? shape : [rows, ...shape.slice(1)]
  if (type === 'float') return floats(kept, dims)
  if (type === 'bool') return { type, shape: dims, data: Uint8Array.from(kept) }
  return { type, shape: dims, data: BigInt64Array.from(kept, BigInt) }
}

/** Adds a parameter to each float input, so that gradients reach what a layer reads as well. */
function networkOf(golden: GoldenCase, inputs: GoldenTensors, write: WriteLayer): Network {
  const specs = Object.entries(inputs).map(
    ([name, { type, shape }]) => [name, tensor(type, ...shape.slice(1))] as const,
  )
  return {
    name: golden.name,
    inputs: Object.fromEntries(specs),
    forward(scope, fed) {
      const shifted = specs.map(([name, { type, shape }]) => {
        const value = fed[name]!
        if (type !== 'float') return [name, value] as const
        return [name, scope.graph.node('Add', [value, scope.parameter(`${name}.input_shift`, shape, zeros)])] as const
      })
      return write(scope, Object.fromEntries(shifted))
    },
  }
}

function weightsOf(golden: GoldenCase, network: Network): Map<string, Float32Array> {
  const weights = new Map(
    Object.entries(golden.weights).map(([name, { values }]) => [`layer.${name}`, Float32Array.from(values)]),
  )
  for (const [name, { type, shape }] of Object.entries<TensorSpec>(network.inputs))
    if (type === 'float') weights.set(`${name}.input_shift`, new Float32Array(shape.reduce((a, b) => a * b, 1)))
  return weights
}

const numbers = (results: Readonly<Record<string, TensorLiteral>>): Results =>
  Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data as never, Number)]))

/** The served graph over the first `rows` rows. */
export async function infer(
  golden: GoldenCase,
  inputs: GoldenTensors,
  write: WriteLayer,
  rows: number,
): Promise<Results> {
  const network = networkOf(golden, inputs, write)
  const model = networkToOnnx(network, weightsOf(golden, network))
  await using session = await createSession(encodeModel(model))
  const feeds = Object.entries(inputs).map(([name, value]) => [name, toLiteral(value, rows)])
  return numbers(await session.run(Object.fromEntries(feeds)))
}

/** The graph of a training step: outputs, gradients of sum(coefficients outputs) / rows, updates. */
export async function train(golden: GoldenCase, inputs: GoldenTensors, write: WriteLayer): Promise<Results> {
  const network = networkOf(golden, inputs, write)
  const batchSize = Object.values(inputs)[0]!.shape[0]!
  const program = compileTraining(network, { batchSize, targets: {}, loss: weightedOutputs(golden, batchSize) })
  await using session = await createSession(program.model)
  const weights = weightsOf(golden, network)
  const feeds: Record<string, TensorLiteral> = {
    [PROGRAM_NAMES.rowWeight]: floats(Array<number>(batchSize).fill(1)),
    ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, toLiteral(value)])),
  }
  for (const [name, shape] of program.weights) feeds[name] = floats(weights.get(name)!, shape)
  const wanted = new Set(session.inputs.map(({ name }) => name))
  return numbers(await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.has(name)))))
}

/** sum(coefficients outputs) / rows; gives the outputs out as well. */
function weightedOutputs(golden: GoldenCase, rows: number): Loss {
  return (graph, outputs) => {
    const terms = Object.entries(outputs).map(([name, value]) => {
      graph.output(name, value)
      const product = graph.node('Mul', [value, graph.constant(toLiteral(golden.coefficients[name]!))])
      return graph.node('ReduceSum', [product], { keepdims: { int: 0 } })
    })
    const sum = terms.reduce((a, b) => graph.node('Add', [a, b]))
    return graph.node('Div', [sum, graph.constant(floats([rows], []))])
  }
}
