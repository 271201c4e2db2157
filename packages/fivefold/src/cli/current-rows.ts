import { stat } from 'node:fs/promises'
import { type Bundle, inputSchema } from '../bundle/index.ts'
import { type Context, FivefoldError } from '../core/index.ts'
import {
  alignClasses,
  columnOf,
  type Frame,
  openTable,
  rowsWithTarget,
  type Schema,
  type SourceOptions,
  selectColumns,
  type Target,
  targetFromColumn,
} from '../data/index.ts'
import { loggedInputs, readPredictionLog } from '../operate/index.ts'
import { targetSchema } from '../workflow/index.ts'
import { type SourceFlags, sourceFromFlags } from './source-flags.ts'

export interface CurrentFlags extends SourceFlags {
  /** A source, or the folder of a prediction log. */
  readonly current: string
  /** Bounds of the prediction log's time, epoch milliseconds. */
  readonly since?: number
  readonly until?: number
}

/** The rows to judge, in the columns of a schema. */
export async function readCurrent(schema: Schema, flags: CurrentFlags, context: Context): Promise<Frame> {
  if (await isFolder(flags.current)) return readLog(schema, flags)
  refuseTimes(flags)
  await using table = await openTable({ ...sourceFromFlags(flags.current, flags), schema }, context)
  return await table.read()
}

/** The rows to judge; with their answers, where the file has the target column without gaps. */
export async function readLabelled(
  { manifest }: Bundle,
  flags: CurrentFlags,
  context: Context,
): Promise<{ frame: Frame; target?: Target }> {
  const { problem } = manifest
  const schema = inputSchema(manifest)
  const source = sourceFromFlags(flags.current, flags)
  if ((await isFolder(flags.current)) || !(await hasColumn(source, problem.target, context)))
    return { frame: await readCurrent(schema, flags, context) }
  const all = await readCurrent({ columns: [...schema.columns, targetSchema(problem)] }, flags, context)
  const frame = selectColumns(
    all,
    schema.columns.map((column) => column.name),
  )
  if (rowsWithTarget(columnOf(all, problem.target)).length < all.rowCount) return { frame }
  const found = targetFromColumn(columnOf(all, problem.target), targetSchema(problem), problem.task)
  return { frame, target: alignClasses(found, problem.classes).target }
}

/** What the served model was asked: the log of `fivefold serve --log`. */
async function readLog(schema: Schema, { current, since, until }: CurrentFlags): Promise<Frame> {
  const log = await readPredictionLog(current, {
    ...(since !== undefined && { sinceMs: since }),
    ...(until !== undefined && { untilMs: until }),
  })
  if (log.rowCount === 0)
    throw new FivefoldError('DATA_EMPTY', `no predictions are logged in ${current}${timesText(since, until)}`)
  return loggedInputs(log, schema.columns)
}

const timesText = (since?: number, until?: number): string =>
  [
    since === undefined ? '' : ` since ${new Date(since).toISOString()}`,
    until === undefined ? '' : ` until ${new Date(until).toISOString()}`,
  ].join('')

function refuseTimes({ current, since, until }: CurrentFlags): void {
  if (since === undefined && until === undefined) return
  throw new FivefoldError('CLI_USAGE', `--since and --until pick from a prediction log, and ${current} is none`, {
    remedy: 'Use --where for rows of a table.',
  })
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

async function hasColumn(source: SourceOptions, name: string, context: Context): Promise<boolean> {
  await using table = await openTable(source, context)
  return table.schema.columns.some((column) => column.name === name)
}
