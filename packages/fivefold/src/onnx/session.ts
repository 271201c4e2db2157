import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { FivefoldError } from '../core/index.ts'
import type { TensorLiteral } from './builder.ts'
import { checkLiteral } from './tensor.ts'

/** An input or output of a loaded model. Dimensions that are known only when it runs have a name, or ''. */
export interface SessionValue {
  readonly name: string
  readonly type: string
  readonly shape: readonly (number | string)[]
}

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

export interface SessionOptions {
  /** Threads inside one operator. Default 1: single rows gain nothing from more, and servers run many sessions. */
  readonly threads?: number
}

type Runtime = typeof import('onnxruntime-node')

/** Loads a model. Throws GRAPH_INVALID or GRAPH_UNSUPPORTED with the runtime's reason. */
export async function createSession(model: Uint8Array, options: SessionOptions = {}): Promise<OnnxSession> {
  const runtime = await import('onnxruntime-node')
  runtime.env.logLevel = 'error'
  const session = await load(runtime, model, options.threads ?? 1)
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
      const results = await execute(session, tensors, wanted)
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromTensor(name, tensor)]))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function load(runtime: Runtime, model: Uint8Array, threads: number): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(model, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      graphOptimizationLevel: 'all',
      executionProviders: ['cpu'],
    })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const unsupported =
      /not a registered|No Op registered|NOT_IMPLEMENTED|unsupported|Could not find an implementation|opset/i.test(
        reason,
      )
    throw new FivefoldError(unsupported ? 'GRAPH_UNSUPPORTED' : 'GRAPH_INVALID', `the model does not load: ${reason}`, {
      cause,
    })
  }
}

async function execute(
  session: InferenceSession,
  tensors: Record<string, Tensor>,
  wanted: readonly string[] | undefined,
): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return wanted ? await session.run(tensors, [...wanted]) : await session.run(tensors)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FivefoldError('GRAPH_INVALID', `the model does not run: ${reason}`, { cause })
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
    const type = ORT_TYPES[literal.type]
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

const ORT_TYPES = {
  float: 'float32',
  double: 'float64',
  int64: 'int64',
  int32: 'int32',
  bool: 'bool',
  string: 'string',
} as const

/** The runtime refuses memory shared between threads, so such data is copied. */
function unshared(literal: TensorLiteral): Tensor.DataType {
  if (literal.type === 'string') return literal.data as string[]
  return literal.data.buffer instanceof SharedArrayBuffer ? literal.data.slice() : literal.data
}

function fromTensor(name: string, value: InferenceSession.OnnxValueMapType[string]): TensorLiteral {
  const tensor = value as Tensor
  const type = LITERAL_TYPES[tensor.type]
  if (type === undefined)
    throw new FivefoldError('GRAPH_UNSUPPORTED', `output '${name}' has the unsupported type ${tensor.type}`)
  return { type, shape: tensor.dims, data: tensor.data } as TensorLiteral
}

const LITERAL_TYPES: Partial<Record<Tensor.Type, TensorLiteral['type']>> = {
  float32: 'float',
  float64: 'double',
  int64: 'int64',
  int32: 'int32',
  bool: 'bool',
  string: 'string',
}

function describeValue(value: InferenceSession.ValueMetadata): SessionValue {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape }
    : { name: value.name, type: 'other', shape: [] }
}
