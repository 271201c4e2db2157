import { FivefoldError } from '../core/index.ts'
import type { Frame, Predictions } from '../data/index.ts'
import { createSession, type OnnxSession, type TensorLiteral } from '../onnx/index.ts'
import type { Problem } from '../problem/index.ts'
import { feedsOf } from './feeds.ts'
import type { BundleInput, BundleManifest, BundleOutput } from './manifest.ts'

/** What a predictor needs to know of a model, before it is a bundle. */
export interface PredictorSource {
  readonly model: Uint8Array
  readonly problem: Problem
  readonly inputs: readonly Pick<BundleInput, 'name' | 'tensor'>[]
  readonly outputs: readonly BundleOutput[]
}

export interface PredictorOptions {
  /** Threads inside one operator; default 1. */
  readonly threads?: number
}

export interface PredictionResult {
  readonly predictions: Predictions
  /** Classification: the class decided for each row, by the threshold where the model has one. */
  readonly labels?: readonly string[]
}

export interface Predictor extends AsyncDisposable {
  /**
   * Predicts every row. Columns that the model does not take are ignored; their order does not matter.
   * Throws MODEL_INPUT where a column is missing or holds what the model does not take.
   */
  predict(frame: Frame): Promise<PredictionResult>
  close(): Promise<void>
}

/** Large frames go through the graph in pieces of this size, which bounds the memory of its intermediate values. */
const BATCH_ROWS = 16_384

/** Loads the graph of a bundle, or one that is not in a bundle yet. */
export async function createPredictor(
  source: PredictorSource | { readonly model: Uint8Array; readonly manifest: BundleManifest },
  options: PredictorOptions = {},
): Promise<Predictor> {
  const { model, problem, inputs, outputs } =
    'manifest' in source ? { ...source.manifest, model: source.model } : source
  const session = await createSession(model, options)
  await checkGraph(session, { inputs, outputs })
  const close = (): Promise<void> => session.close()
  return {
    async predict(frame) {
      const collect = problem.task === 'classification' ? collectClasses(problem, frame) : collectNumbers(frame)
      for (let from = 0; from < frame.rowCount; from += BATCH_ROWS) {
        const count = Math.min(BATCH_ROWS, frame.rowCount - from)
        collect.add(await session.run(feedsOf(inputs, frame, from, count)), from, count)
      }
      return collect.result()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Closes the session where its graph is not the one that the manifest describes. Throws BUNDLE_INVALID. */
export async function checkGraph(
  session: OnnxSession,
  { inputs, outputs }: Pick<PredictorSource, 'inputs' | 'outputs'>,
): Promise<void> {
  const missing = (names: readonly { name: string }[], known: readonly { name: string }[]): string | undefined =>
    names.find(({ name }) => !known.some((value) => value.name === name))?.name
  const input = missing(inputs, session.inputs) ?? missing(session.inputs, inputs)
  const output = missing(outputs, session.outputs)
  if (input === undefined && output === undefined) return
  await session.close()
  throw new FivefoldError(
    'BUNDLE_INVALID',
    input === undefined
      ? `the graph has no output '${output}'`
      : `manifest and graph do not agree on the input '${input}'`,
  )
}

interface Collector {
  add(answer: Record<string, TensorLiteral>, from: number, count: number): void
  result(): PredictionResult
}

function collectNumbers({ rowCount }: Frame): Collector {
  const values = new Float64Array(rowCount)
  return {
    add: (answer, from, count) => values.set(floatsOf(answer, 'prediction', count), from),
    result: () => ({ predictions: { kind: 'number', values } }),
  }
}

function collectClasses({ classes }: Problem, { rowCount }: Frame): Collector {
  const width = classes.length
  const probabilities = new Float64Array(rowCount * width)
  const labels: string[] = []
  return {
    add(answer, from, count) {
      for (let k = 0; k < width; k++) {
        const column = floatsOf(answer, `probability_${classes[k]}`, count)
        for (let i = 0; i < count; i++) probabilities[(from + i) * width + k] = column[i]!
      }
      const label = answer.label
      if (label?.type !== 'string' || label.data.length !== count) throw badOutput('label')
      for (const text of label.data) labels.push(text)
    },
    result: () => ({ predictions: { kind: 'classes', classes, probabilities }, labels }),
  }
}

function floatsOf(answer: Record<string, TensorLiteral>, name: string, count: number): Float32Array {
  const tensor = answer[name]
  if (tensor?.type === 'float' && tensor.data.length === count) return tensor.data
  throw badOutput(name)
}

const badOutput = (name: string): FivefoldError =>
  new FivefoldError('BUNDLE_INVALID', `the graph gives no output '${name}' with one value a row`)
