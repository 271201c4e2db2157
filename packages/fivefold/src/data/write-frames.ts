import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Context, createContext, FivefoldError } from '../core/index.ts'
import { type Failure, openSession, sessionOptions } from './duck/session.ts'
import { quoteText } from './duck/sql.ts'
import type { Frame } from './frame.ts'
import { createFrameAppender, typedSql } from './frame-appender.ts'
import type { ColumnSchema, Schema } from './schema.ts'

export type OutputFormat = 'csv' | 'jsonl' | 'parquet'

const TEXT_TIMESTAMP = '%Y-%m-%dT%H:%M:%S.%gZ'
const COPY_OPTIONS: Record<OutputFormat, string> = {
  csv: `FORMAT csv, HEADER true, TIMESTAMPFORMAT '${TEXT_TIMESTAMP}'`,
  jsonl: `FORMAT json, ARRAY false, TIMESTAMPFORMAT '${TEXT_TIMESTAMP}'`,
  parquet: 'FORMAT parquet, COMPRESSION zstd',
}

/**
 * Writes frames as one CSV, JSONL or Parquet file, the format by the extension unless given. A reader sees the whole
 * new file or what was there before. Integers and booleans are written as such, datetimes as TIMESTAMP or ISO 8601
 * text, missing values as null (empty in CSV). Columns of the frames that the schema lacks are written after it, as
 * numbers or text.
 *
 * @throws OPTION_INVALID for an unknown extension, DATA_COLUMN_UNKNOWN where a frame lacks a column, STORAGE_FULL
 */
export async function writeFrames(
  frames: AsyncIterable<Frame> | Frame,
  schema: Schema,
  path: string,
  format: OutputFormat = formatOfPath(path),
  context: Context = createContext(),
): Promise<void> {
  const failure: Failure = { code: 'STORE_UNAVAILABLE', place: path }
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
  })
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  const session = await openSession(sessionOptions(context, isStream(frames)))
  try {
    const select = await session.use(failure, (connection) => appendAll(connection, frames, schema))
    await session.run(`COPY (${select}) TO ${quoteText(temporary)} (${COPY_OPTIONS[format]})`, failure)
    await syncFile(temporary)
    await rename(temporary, path)
  } catch (error) {
    throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
  } finally {
    await session.close()
    await rm(temporary, { force: true })
  }
}

function isStream(frames: AsyncIterable<Frame> | Frame): frames is AsyncIterable<Frame> {
  return Symbol.asyncIterator in frames
}

type Connection = Parameters<typeof createFrameAppender>[0]

async function appendAll(
  connection: Connection,
  frames: AsyncIterable<Frame> | Frame,
  schema: Schema,
): Promise<string> {
  const stream = isStream(frames) ? frames : [frames]
  let columns = schema.columns
  let appender: Awaited<ReturnType<typeof createFrameAppender>> | undefined
  for await (const frame of stream) {
    columns = appender ? columns : withFurtherColumns(schema, frame)
    appender ??= await createFrameAppender(connection, 'frames', columns)
    appender.append(frame)
  }
  appender ??= await createFrameAppender(connection, 'frames', columns)
  appender.close()
  return `SELECT ${columns.map(typedSql).join(', ')} FROM frames`
}

function withFurtherColumns(schema: Schema, frame: Frame): readonly ColumnSchema[] {
  const known = new Set(schema.columns.map(({ name }) => name))
  const further = [...frame.columns].filter(([name]) => !known.has(name))
  return [
    ...schema.columns,
    ...further.map(
      ([name, column]): ColumnSchema => ({
        name,
        type: column.kind === 'number' ? 'number' : 'category',
        tensor: column.kind === 'number' ? 'double' : 'string',
        nullable: true,
        evidence: 'declared',
      }),
    ),
  ]
}

function formatOfPath(path: string): OutputFormat {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase()
  if (extension === 'csv') return 'csv'
  if (extension === 'jsonl' || extension === 'ndjson') return 'jsonl'
  if (extension === 'parquet') return 'parquet'
  throw new FivefoldError('OPTION_INVALID', `'${path}': the extension must be .csv, .jsonl or .parquet`)
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
