import { FivefoldError } from '../../../core/index.ts'
import { elementCount, type TypedGraph, type TypedValue } from '../../../onnx/index.ts'
import type { Fan, Initializer } from './initializer.ts'

/** A tensor that training changes. */
export interface ParameterSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly initializer: Initializer
  readonly fan: Fan
}

/** A tensor that a network keeps without training it, such as the running mean of a batch normalisation. */
export interface StateSpec {
  readonly name: string
  readonly shape: readonly number[]
  /** One number for all values, or each of them. */
  readonly initial: number | Float32Array
}

/**
 * What a layer writes itself into: the graph, and where its parameters live. Layers are functions
 * `(scope, x, options) => y`; they hold nothing.
 */
export interface Scope {
  readonly graph: TypedGraph
  /** Whether the graph is written to be trained: dropout is active, batch normalisation uses the batch. */
  readonly training: boolean
  /** The same scope with names below `name`: a parameter inside is called `name.weight`. */
  within(name: string): Scope
  /**
   * A trained tensor, float. The fan defaults to that of a matrix [out, in].
   * Throws OPTION_INVALID where the name is taken.
   */
  parameter(name: string, shape: readonly number[], initializer: Initializer, fan?: Fan): TypedValue
  /** A kept tensor, float. */
  state(name: string, shape: readonly number[], initial: number | Float32Array): TypedValue
  /** What a state becomes after a training step. */
  updateState(name: string, value: TypedValue): void
  /** A number that changes with every step, int32 scalar: what random masks are made from. */
  seed(): TypedValue
  /** Where this scope's names live, such as `encoder.0.`: distinct for every layer, so masks can differ by it. */
  readonly path: string
}

/** The graph input that `seed` reads. */
export const SEED_INPUT = 'seed'

/** What the layers of a network declared while they wrote a graph, in order. */
export interface Declarations {
  readonly parameters: readonly ParameterSpec[]
  readonly states: readonly StateSpec[]
  readonly values: ReadonlyMap<string, TypedValue>
  readonly stateUpdates: ReadonlyMap<string, TypedValue>
}

/** How a parameter or state enters the graph: as an input that is fed, or as a weight that is stored. */
export type DeclareTensor = (name: string, shape: readonly number[]) => TypedValue

export function createScope(
  graph: TypedGraph,
  training: boolean,
  declare: DeclareTensor,
): { readonly scope: Scope; readonly declarations: Declarations } {
  const parameters: ParameterSpec[] = []
  const states: StateSpec[] = []
  const values = new Map<string, TypedValue>()
  const stateUpdates = new Map<string, TypedValue>()
  const enter = (name: string, shape: readonly number[]): TypedValue => {
    if (values.has(name))
      throw new FivefoldError('OPTION_INVALID', `two layers are named '${name}': give each a name of its own`)
    const value = declare(name, shape)
    values.set(name, value)
    return value
  }
  let seed: TypedValue | undefined
  const scopeAt = (prefix: string): Scope => ({
    graph,
    training,
    path: prefix,
    seed() {
      seed ??= graph.input(SEED_INPUT, 'int32', [])
      return seed
    },
    within: (name) => scopeAt(`${prefix}${name}.`),
    parameter(name, shape, initializer, fan = matrixFan(shape)) {
      parameters.push({ name: prefix + name, shape, initializer, fan })
      return enter(prefix + name, shape)
    },
    state(name, shape, initial) {
      states.push({ name: prefix + name, shape, initial })
      return enter(prefix + name, shape)
    },
    updateState(name, value) {
      stateUpdates.set(prefix + name, value)
    },
  })
  return { scope: scopeAt(''), declarations: { parameters, states, values, stateUpdates } }
}

/** [out, in, ...kernel]: an output sums over every input and kernel offset. */
function matrixFan(shape: readonly number[]): Fan {
  const kernel = elementCount(shape.slice(2))
  return { fanIn: (shape[1] ?? shape[0] ?? 1) * kernel, fanOut: (shape[0] ?? 1) * kernel }
}
