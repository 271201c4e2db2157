import { setTimeout as sleep } from 'node:timers/promises'
import { feedsOf } from '../../../bundle/index.ts'
import { type Context, FivefoldError, throwIfCancelled } from '../../../core/index.ts'
import { type Frame, type OutputFormat, openTable, type Schema, writeFrames } from '../../../data/index.ts'
import type { TableFace, Tensors } from '../model/servable.ts'
import { frameOfAnswer, schemaOfAnswer } from '../model/table-tensors.ts'
import type { ModelEndpoint } from '../runtime/model-repository.ts'

export interface FileScoring {
  readonly endpoint: ModelEndpoint
  readonly input: { readonly path: string; readonly format: OutputFormat }
  readonly output: { readonly path: string; readonly format: OutputFormat }
  /** Requests of the job in the prediction log: this and the number of the first row. */
  readonly requestId: string
  /** Told of rows answered, and of all rows. */
  readonly onProgress: (done: number, total: number) => void
  readonly context: Context
}

/** Rows of a request of a job: some runs of the model. */
const PIECE_ROWS = 1024

/**
 * Answers every row of a file, in its order, at bounded memory: the table lies in DuckDB, and a piece at a time goes through the
 * model, in the background. A reader sees the whole file of answers or none.
 *
 * @returns the number of rows
 * @throws DATA_* where the file cannot be read as what it is, or lacks columns; MODEL_INPUT; CANCELLED; what the model throws
 */
export async function scoreFile(scoring: FileScoring): Promise<number> {
  const { endpoint, input, output, context } = scoring
  const { table } = endpoint.model
  if (!table) throw new FivefoldError('MODEL_UNSUPPORTED', 'files are answered by bundles, which know their columns')
  await using rows = await openTable({ location: input.path, format: input.format, schema: schemaOf(table) }, context)
  const pieces = async function* (): AsyncGenerator<Frame> {
    let done = 0
    for await (const frame of rows.scan())
      for (let from = 0; from < frame.rowCount; from += PIECE_ROWS) {
        const count = Math.min(PIECE_ROWS, frame.rowCount - from)
        const feeds = feedsOf(table.columns, frame, from, count)
        yield frameOfAnswer(await answerPiece(scoring, feeds, done), table)
        done += count
        scoring.onProgress(done, rows.rowCount)
      }
  }
  await writeFrames(pieces(), schemaOfAnswer(table), output.path, output.format, context)
  return rows.rowCount
}

const schemaOf = ({ columns }: TableFace): Schema => ({
  columns: columns.map(({ name, type, tensor, nullable }) => ({
    ...{ name, type, tensor, nullable },
    evidence: 'declared by the model',
  })),
})

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
