import { setTimeout as sleep } from 'node:timers/promises'
import { type Context, FivefoldError, throwIfCancelled } from '../../../core/index.ts'
import { type Frame, type OutputFormat, writeFrames } from '../../../data/index.ts'
import type { Tensors } from '../model/servable.ts'
import { frameOfAnswer, schemaOfAnswer } from '../model/table-tensors.ts'
import { rowCountOf } from '../model/tensor-batches.ts'
import type { ModelEndpoint } from '../runtime/model-repository.ts'
import type { InputFormat } from './job-record.ts'
import { openRows } from './read-rows.ts'

export interface FileScoring {
  readonly endpoint: ModelEndpoint
  readonly input: { readonly path: string; readonly format: InputFormat }
  readonly output: { readonly path: string; readonly format: OutputFormat }
  /** Requests of the job in the prediction log: this and the number of the first row. */
  readonly requestId: string
  /** Told of rows answered, and of all rows. */
  readonly onProgress: (done: number, total: number) => void
  readonly context: Context
}

/** A small file may stand for very many rows that are all alike. */
const MOST_ROWS = 100_000_000

/**
 * Answers every row of a file, in its order, at bounded memory: the rows lie on disk, and a piece at a time goes through the
 * model, in the background. A reader sees the whole file of answers or none.
 *
 * @returns the number of rows
 * @throws what `openRows` throws; MODEL_INPUT; CANCELLED; what the model throws
 */
export async function scoreFile(scoring: FileScoring): Promise<number> {
  const { endpoint, input, output, context } = scoring
  const { table } = endpoint.model
  if (!table) throw new FivefoldError('MODEL_UNSUPPORTED', 'files are answered by bundles, which know their columns')
  await using rows = await openRows(input.path, input.format, table, context)
  if (rows.rowCount > MOST_ROWS)
    throw new FivefoldError('REQUEST_TOO_LARGE', `${rows.rowCount} rows; at most ${MOST_ROWS} a job`)
  const answers = async function* (): AsyncGenerator<Frame> {
    let done = 0
    for await (const feeds of rows.pieces()) {
      yield frameOfAnswer(await answerPiece(scoring, feeds, done), table)
      done += rowCountOf(feeds)
      scoring.onProgress(done, rows.rowCount)
    }
  }
  await writeFrames(answers(), schemaOfAnswer(table), output.path, output.format, context)
  return rows.rowCount
}

const RETRY_MS = 500
/** After a minute without an answer something is broken. */
const MOST_TRIES = 120

/** Under load, or while a version is loaded again, there is no answer yet: a job has time. */
async function answerPiece(
  { endpoint, requestId, context: { signal } }: FileScoring,
  feeds: Tensors,
  firstRow: number,
): Promise<Tensors> {
  for (let tries = 1; ; tries++) {
    throwIfCancelled(signal)
    try {
      return await endpoint.infer(feeds, { requestId: `${requestId}:${firstRow}`, signal, isBackground: true })
    } catch (thrown) {
      if (tries >= MOST_TRIES || !isPassing(thrown)) throw thrown
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {})
    }
  }
}

const isPassing = (thrown: unknown): boolean =>
  thrown instanceof FivefoldError && (thrown.code === 'SERVER_OVERLOADED' || thrown.code === 'TIMEOUT')
