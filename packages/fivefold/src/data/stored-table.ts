import type { Context } from '../core/index.ts'
import { FivefoldError } from '../core/index.ts'
import { type ColumnPlan, createFrameFiller } from './column-reader.ts'
import { createContentHasher } from './content-hash.ts'
import type { DuckSession, Failure } from './duck/session.ts'
import { quoteName } from './duck/sql.ts'
import type { Frame } from './frame.ts'
import type { Storage } from './infer/reading.ts'
import { readRows, selectSql } from './read-rows.ts'
import type { Schema } from './schema.ts'
import type { Table } from './table.ts'
import { unknownColumns } from './unknown-columns.ts'

/** A column with more distinct texts than this is read as text, not through a dictionary made beforehand. */
const MAX_DICTIONARY = 50_000
const DEFAULT_BATCH_ROWS = 65_536

export interface StoredColumns {
  readonly schema: Schema
  readonly storages: readonly Storage[]
  /** About how many distinct values each column has. */
  readonly distincts: readonly number[]
}

export interface StoredTable {
  readonly session: DuckSession
  readonly location: string
  readonly rowCount: number
  readonly columns: StoredColumns
  readonly context: Context
}

/** A table over the relation `stored` of a session; it owns the session. */
export function tableOver(stored: StoredTable): Table {
  const { session, location, rowCount, columns } = stored
  const failure: Failure = { code: 'DATA_UNREADABLE', place: location }
  const plans = createPlanner(stored, failure)
  const allNames = columns.schema.columns.map(({ name }) => name)
  let hash: Promise<string> | undefined
  return {
    location,
    schema: columns.schema,
    rowCount,
    contentHash: () => (hash ??= hashContent(stored, plans, failure)),
    read: async (names = allNames, rows) => readRows(stored, await plans(names), rows, failure),
    scan: (names = allNames, batchRows = DEFAULT_BATCH_ROWS) =>
      scanBatches(session, () => plans(names), rowCount, batchRows, failure),
    query: (sql) => runQuery(session, sql, location),
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  }
}

type Planner = (names: readonly string[]) => Promise<ColumnPlan[]>

/** How each column is read; dictionaries are made once, at the first read that needs them. */
function createPlanner({ session, columns, location }: StoredTable, failure: Failure): Planner {
  const made = new Map<string, Promise<ColumnPlan>>()
  const names = columns.schema.columns.map(({ name }) => name)
  const make = (name: string, at: number): Promise<ColumnPlan> => {
    const storage = columns.storages[at]!
    if (storage !== 'VARCHAR') return Promise.resolve({ kind: 'number', name, storage })
    if (columns.distincts[at]! > MAX_DICTIONARY) return Promise.resolve({ kind: 'texts', name })
    return makeDictionary(session, name, `dictionary_${at}`, failure)
  }
  return (wanted) =>
    Promise.all(
      wanted.map((name) => {
        const at = names.indexOf(name)
        if (at < 0) throw unknownColumns([name], names, location)
        const plan = made.get(name) ?? make(name, at)
        made.set(name, plan)
        return plan
      }),
    )
}

async function makeDictionary(
  session: DuckSession,
  name: string,
  enumName: string,
  failure: Failure,
): Promise<ColumnPlan> {
  const value = quoteName(name)
  const distinct = `SELECT DISTINCT ${value} AS text FROM stored WHERE ${value} IS NOT NULL ORDER BY text`
  await session.run(`CREATE TYPE ${quoteName(enumName)} AS ENUM (${distinct})`, failure)
  const rows = await session.rows(distinct, failure)
  return { kind: 'codes', name, enumName, dictionary: rows.map((row) => String(row.text)) }
}

async function* scanBatches(
  session: DuckSession,
  plan: () => Promise<ColumnPlan[]>,
  rowCount: number,
  batchRows: number,
  failure: Failure,
): AsyncIterable<Frame> {
  if (!Number.isInteger(batchRows) || batchRows < 1)
    throw new FivefoldError('OPTION_INVALID', `batchRows is ${batchRows}; it must be a whole number above 0`)
  const plans = await plan()
  let left = rowCount
  let filler = createFrameFiller(plans, Math.min(batchRows, left))
  for await (const chunk of session.chunks(selectSql(plans, undefined), failure)) {
    for (let from = 0; from < chunk.rowCount; ) {
      const size = Math.min(batchRows, left)
      const to = Math.min(chunk.rowCount, from + size - filler.filled)
      filler.append(chunk, from, to)
      from = to
      if (filler.filled < size) continue
      yield filler.finish()
      left -= size
      filler = createFrameFiller(plans, Math.min(batchRows, left))
    }
  }
}

async function hashContent(stored: StoredTable, plan: Planner, failure: Failure): Promise<string> {
  const { schema } = stored.columns
  const plans = await plan(schema.columns.map(({ name }) => name))
  const hasher = createContentHasher(schema, plans, stored.rowCount)
  for await (const chunk of stored.session.chunks(selectSql(plans, undefined), failure)) hasher.append(chunk)
  return hasher.digest()
}

function runQuery(session: DuckSession, sql: string, location: string): Promise<Record<string, unknown>[]> {
  return session.use({ code: 'DATA_QUERY_INVALID', place: location }, async (connection) => {
    const reader = await connection.runAndReadAll(sql)
    return reader.getRowObjectsJS().map((row) => mapValues(row, plainValue))
  })
}

function mapValues(
  row: Readonly<Record<string, unknown>>,
  change: (value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, change(value)]))
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  return Array.isArray(value) ? value.map(plainValue) : value
}
