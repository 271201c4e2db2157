import { type Bundle, type BundleInput, createPredictor, openBundle, type Predictor } from '../../bundle/index.ts'
import type { Context } from '../../core/index.ts'
import { createPredictionLog, type PredictionLog } from '../prediction-log/index.ts'
import type { ServingLimits } from './inference.ts'
import { type RunningServer, serveModel } from './serve-model.ts'
import type { ServedColumn, ServedModel } from './served-model.ts'

export interface ServeBundleOptions {
  /** Path of the bundle's folder. */
  readonly bundle: string
  /** Version to report. Default '1'. */
  readonly version?: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** Folder of a prediction log, which this server then writes; see `readPredictionLog`. Without it nothing is logged. */
  readonly logDir?: string
  readonly context: Context
  readonly limits?: Partial<ServingLimits>
}

/**
 * Serves a model bundle; closing the server also closes the log and the model.
 *
 * @throws MODEL_NOT_FOUND, BUNDLE_INVALID, BUNDLE_VERSION, PORT_IN_USE, STORE_CONFLICT
 */
export async function serveBundle(options: ServeBundleOptions): Promise<RunningServer> {
  const { bundle: path, version = '1', logDir, ...rest } = options
  const bundle = await openBundle(path)
  const predictor = await createPredictor(bundle)
  const model = servedModelOf(bundle, predictor, version)
  const owned: { close(): Promise<void> }[] = [predictor]
  try {
    const log = logDir === undefined ? undefined : await openLog(logDir, model, options.context)
    if (log) owned.unshift(log)
    const onStopped = (): Promise<void> => closeAll(owned)
    return await serveModel({ ...rest, predictor: model, onStopped, ...(log ? { log } : {}) })
  } catch (error) {
    await closeAll(owned)
    throw error
  }
}

async function closeAll(owned: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const part of owned) await part.close()
}

/** A bundle as the server sees it. */
export function servedModelOf(bundle: Bundle, predictor: Predictor, version: string): ServedModel {
  const { name, problem, inputs } = bundle.manifest
  const { task, target, classes } = problem
  return {
    name,
    version,
    description: `Predicts ${target} (${task}).`,
    inputs: inputs.map(servedColumn),
    output: task === 'classification' ? { task, target, classes } : { task, target },
    predict: (frame) => predictor.predict(frame),
  }
}

/** A description of a thousand values is read by nobody. */
const MAX_DESCRIBED_CATEGORIES = 50

/** Without the keys that are there and undefined. */
function servedColumn({ name, type, tensor, nullable, meaning, range, categories }: BundleInput): ServedColumn {
  return {
    name,
    type,
    tensor,
    nullable,
    ...(meaning === undefined ? {} : { meaning }),
    ...(range === undefined ? {} : { range }),
    ...(categories === undefined ? {} : { categories: categories.slice(0, MAX_DESCRIBED_CATEGORIES) }),
  }
}

function openLog(dir: string, model: ServedModel, context: Context): Promise<PredictionLog> {
  const classes = model.output.task === 'classification' ? model.output.classes : []
  // Interrupting the server must not interrupt the compaction of what it has logged: that is part of closing.
  const uninterrupted = { ...context, signal: new AbortController().signal }
  return createPredictionLog({ dir, model, schema: model.inputs, classes, context: uninterrupted })
}
