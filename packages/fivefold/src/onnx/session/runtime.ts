import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { FivefoldError } from '../../core/index.ts'
import type { ElementType, TensorLiteral } from '../tensor.ts'
import { checkProvider, type ExecutionProvider, probeProvider, type Runtime } from './providers.ts'

export interface SessionOptions {
  /** Threads inside one operator. Default 1: single rows gain nothing from more, and servers run many sessions. */
  readonly threads?: number
  /** What computes the nodes. Default cpu. Nodes that another provider lacks run on the CPU. */
  readonly provider?: ExecutionProvider
  /** How much the runtime rewrites the graph when it is loaded. Default all. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all'
}

/**
 * Loads a model, or the file at a path with what lies beside it. Throws GRAPH_INVALID or GRAPH_UNSUPPORTED with the runtime's
 * reason, PROVIDER_UNAVAILABLE where the provider is not there.
 */
export async function loadModel(
  model: Uint8Array | string,
  options: SessionOptions,
): Promise<{ readonly runtime: Runtime; readonly session: InferenceSession }> {
  const runtime = await import('onnxruntime-node')
  runtime.env.logLevel = 'error'
  const provider = options.provider ?? 'cpu'
  checkProvider(runtime, provider)
  try {
    const session = await create(runtime, model, {
      intraOpNumThreads: options.threads ?? 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      graphOptimizationLevel: options.optimization ?? 'all',
      executionProviders: [provider],
    })
    return { runtime, session }
  } catch (cause) {
    if (provider !== 'cpu') await probeProvider(runtime, provider)
    throw loadError(cause)
  }
}

const create = (
  { InferenceSession }: Runtime,
  model: Uint8Array | string,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> =>
  typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options)

function loadError(cause: unknown): FivefoldError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const unsupported =
    /not a registered|No Op registered|NOT_IMPLEMENTED|unsupported|Could not find an implementation|opset/i.test(reason)
  const code = unsupported ? 'GRAPH_UNSUPPORTED' : 'GRAPH_INVALID'
  return new FivefoldError(code, `the model does not load: ${reason}`, { cause })
}

/** Runs a graph. Fetches that hold a tensor are computed into it. Throws GRAPH_INVALID with the runtime's reason. */
export async function execute(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  fetches: readonly string[] | Record<string, Tensor | null>,
): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds, fetches)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FivefoldError('GRAPH_INVALID', `the model does not run: ${reason}`, { cause })
  }
}

export const RUNTIME_TYPES = {
  float: 'float32',
  double: 'float64',
  int64: 'int64',
  int32: 'int32',
  uint32: 'uint32',
  uint64: 'uint64',
  uint16: 'uint16',
  int16: 'int16',
  uint8: 'uint8',
  int8: 'int8',
  float16: 'float16',
  bool: 'bool',
  string: 'string',
} as const satisfies Record<ElementType, Tensor.Type>

export function fromRuntimeTensor(name: string, value: InferenceSession.OnnxValueMapType[string]): TensorLiteral {
  const tensor = value as Tensor
  const type = LITERAL_TYPES[tensor.type]
  if (type === undefined)
    throw new FivefoldError('GRAPH_UNSUPPORTED', `output '${name}' has the unsupported type ${tensor.type}`)
  return { type, shape: tensor.dims, data: tensor.data } as TensorLiteral
}

export const LITERAL_TYPES: Readonly<Record<string, ElementType>> = Object.fromEntries(
  Object.entries(RUNTIME_TYPES).map(([type, runtimeType]) => [runtimeType, type as ElementType]),
)
