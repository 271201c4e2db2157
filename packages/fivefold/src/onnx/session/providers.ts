import { FivefoldError } from '../../core/index.ts'
import { createTypedGraph } from '../graph/typed-graph.ts'
import { encodeModel } from '../protobuf/model-proto.ts'

export type Runtime = typeof import('onnxruntime-node')

/** What computes the nodes. `cpu` is always there; the others hang on platform, installation and device. */
export type ExecutionProvider = 'cpu' | 'webgpu' | 'cuda' | 'tensorrt' | 'coreml' | 'dml'

/** The providers that this build of the runtime knows. Whether there is a device shows when a session is created. */
export async function knownProviders(): Promise<readonly string[]> {
  const runtime = await import('onnxruntime-node')
  return namesOf(runtime)
}

const namesOf = (runtime: Runtime): string[] => runtime.listSupportedBackends().map(({ name }) => name)

/** Throws PROVIDER_UNAVAILABLE where the runtime was built without it. */
export function checkProvider(runtime: Runtime, provider: ExecutionProvider): void {
  const known = namesOf(runtime)
  if (!known.includes(provider))
    throw unavailable(provider, `this build of ONNX Runtime (${process.platform}) has: ${known.join(', ')}`)
}

/**
 * Whether the provider runs anything at all, told by a model of one node: an error of a session may come from the model or from
 * the provider. Throws PROVIDER_UNAVAILABLE with the runtime's reason.
 */
export async function probeProvider(runtime: Runtime, provider: ExecutionProvider): Promise<void> {
  try {
    const session = await runtime.InferenceSession.create(oneNode(), {
      executionProviders: [provider],
      logSeverityLevel: 4,
    })
    await session.release()
  } catch (cause) {
    throw unavailable(provider, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function oneNode(): Uint8Array {
  const graph = createTypedGraph({ name: 'probe' })
  graph.output('y', graph.node('Neg', [graph.input('x', 'float', [1])]))
  return encodeModel(graph.build())
}

const unavailable = (provider: ExecutionProvider, reason: string, cause?: unknown): FivefoldError =>
  new FivefoldError('PROVIDER_UNAVAILABLE', `the execution provider '${provider}' cannot be used: ${reason}`, { cause })
