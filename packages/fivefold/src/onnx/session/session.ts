import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { FivefoldError } from '../../core/index.ts'
import { checkLiteral, type ElementType, type TensorLiteral } from '../tensor.ts'
import type { Runtime } from './providers.ts'
import { execute, fromRuntimeTensor, LITERAL_TYPES, loadModel, RUNTIME_TYPES, type SessionOptions } from './runtime.ts'

/** An input or output of a loaded model. Dimensions that are known only when it runs have a name, or ''. */
export interface SessionValue {
  readonly name: string
  readonly type: string
  readonly shape: readonly (number | string)[]
}

/** The element type of an input or output; undefined for what is no tensor, or holds elements of another type. */
export const elementTypeOfValue = ({ type }: SessionValue): ElementType | undefined => LITERAL_TYPES[type]

/** A model loaded into ONNX Runtime. Calls of `run` may overlap. */
export interface OnnxSession extends AsyncDisposable {
  readonly inputs: readonly SessionValue[]
  readonly outputs: readonly SessionValue[]
  /**
   * Runs the graph. Without `outputs` every output is computed, otherwise the named ones.
   * Throws DATA_COLUMN_UNKNOWN and DATA_TYPE_MISMATCH where the feeds are not what the graph takes.
   */
  run(
    feeds: Readonly<Record<string, TensorLiteral>>,
    outputs?: readonly string[],
  ): Promise<Record<string, TensorLiteral>>
  /** Frees the native memory; `run` throws afterwards. */
  close(): Promise<void>
}

/**
 * Loads a model, or the file at a path with what lies beside it. Throws GRAPH_INVALID or GRAPH_UNSUPPORTED with the runtime's
 * reason, PROVIDER_UNAVAILABLE where the provider is not there.
 */
export async function createSession(model: Uint8Array | string, options: SessionOptions = {}): Promise<OnnxSession> {
  const { runtime, session } = await loadModel(model, options)
  const inputs = session.inputMetadata.map(describeValue)
  const outputs = session.outputMetadata.map(describeValue)
  const inputOf = new Map(inputs.map((input) => [input.name, input]))
  let closed = false
  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    await session.release()
  }
  return {
    inputs,
    outputs,
    async run(feeds, wanted) {
      if (closed) throw new FivefoldError('GRAPH_INVALID', 'the session is closed')
      const tensors = toTensors(runtime, inputOf, feeds)
      const results = await execute(session, tensors, wanted ?? outputs.map(({ name }) => name))
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, fromRuntimeTensor(name, tensor)]),
      )
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function toTensors(
  runtime: Runtime,
  inputOf: ReadonlyMap<string, SessionValue>,
  feeds: Readonly<Record<string, TensorLiteral>>,
): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {}
  for (const [name, input] of inputOf) {
    const literal = feeds[name]
    if (!literal) throw new FivefoldError('DATA_COLUMN_UNKNOWN', `the model's input '${name}' is missing`)
    const type = RUNTIME_TYPES[literal.type]
    if (type !== input.type)
      throw new FivefoldError('DATA_TYPE_MISMATCH', `input '${name}' takes ${input.type}, got ${type}`)
    checkLiteral(literal, `input '${name}'`)
    tensors[name] = new runtime.Tensor(type, unshared(literal), literal.shape)
  }
  const unknown = Object.keys(feeds).find((name) => !inputOf.has(name))
  if (unknown !== undefined)
    throw new FivefoldError(
      'DATA_COLUMN_UNKNOWN',
      `the model has no input '${unknown}'; its inputs are: ${[...inputOf.keys()].join(', ')}`,
    )
  return tensors
}

/** The runtime refuses memory shared between threads, so such data is copied. */
function unshared(literal: TensorLiteral): Tensor.DataType {
  if (literal.type === 'string') return literal.data as string[]
  return literal.data.buffer instanceof SharedArrayBuffer ? literal.data.slice() : literal.data
}

function describeValue(value: InferenceSession.ValueMetadata): SessionValue {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape }
    : { name: value.name, type: 'other', shape: [] }
}
