import { FivefoldError } from '../../../core/index.ts'
import {
  createSession,
  createWorkerSession,
  elementTypeOfValue,
  type OnnxSession,
  type SessionOptions,
  type SessionValue,
} from '../../../onnx/index.ts'
import type { Servable, TableFace, TensorSpec } from './servable.ts'
import { type Trial, tryModel } from './trial-runs.ts'

export interface OnnxServableOptions {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly table?: TableFace
  /** Whether requests may share a run; found out by trial runs where absent. */
  readonly isBatched?: boolean
  readonly digest?: () => Promise<string>
  readonly session?: SessionOptions
  /** Told of the session before it serves; may close it and throw. */
  readonly check?: (session: OnnxSession) => Promise<void>
}

/** The runtime blocks the thread that calls it; beyond this time a run of one row gets a thread of its own. */
const OFF_LOOP_MS = 10

/**
 * Loads any ONNX model, its bytes or the file at a path with the weights beside it, and runs it on made-up rows, so that the first request is no slower than
 * the next.
 *
 * @throws GRAPH_INVALID, GRAPH_UNSUPPORTED
 */
export async function openOnnxServable(model: Uint8Array | string, options: OnnxServableOptions): Promise<Servable> {
  const session = await createSession(model, options.session)
  await options.check?.(session)
  const specs = await specsOf(session)
  const trial = await tryModel({ ...specs, run: runOf(session, specs.outputs) }, () => performance.now())
  if ((trial.rowMs ?? 0) < OFF_LOOP_MS) return servableOf(session, specs, trial, options)
  await session.close()
  return servableOf(await createWorkerSession(model, options.session), specs, trial, options)
}

interface Specs {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
}

function servableOf(session: OnnxSession, specs: Specs, trial: Trial, options: OnnxServableOptions): Servable {
  const { name, version, description, table, digest, isBatched = trial.isBatched } = options
  const close = (): Promise<void> => session.close()
  return {
    name,
    version,
    ...(description === undefined ? {} : { description }),
    ...specs,
    isBatched,
    ...(table === undefined ? {} : { table }),
    ...(digest === undefined ? {} : { digest }),
    run: runOf(session, specs.outputs),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function runOf(session: OnnxSession, outputs: readonly TensorSpec[]): Servable['run'] {
  const all = outputs.map(({ name }) => name)
  return (feeds, options) => session.run(feeds, options?.outputs ?? all)
}

/** Outputs that are no tensors (such as the maps of scikit-learn's converter) are left out. */
async function specsOf(session: OnnxSession): Promise<Specs> {
  const inputs = session.inputs.map(specOf)
  const outputs = session.outputs.flatMap((value) => specOf(value) ?? [])
  const unknown = session.inputs[inputs.indexOf(undefined)]
  if (!unknown && outputs.length > 0) return { inputs: inputs as TensorSpec[], outputs }
  await session.close()
  throw new FivefoldError(
    'GRAPH_UNSUPPORTED',
    unknown ? `the input '${unknown.name}' has the type ${unknown.type}` : 'the graph has no output that is a tensor',
  )
}

function specOf(value: SessionValue): TensorSpec | undefined {
  const type = elementTypeOfValue(value)
  const shape = value.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1))
  return type && { name: value.name, type, shape }
}
