import { FivefoldError } from '../../core/index.ts'
import type { DuckSession, Failure } from '../duck/session.ts'
import { quoteName, quoteText } from '../duck/sql.ts'
import type { DatabaseSource } from './location.ts'

/** Copies a table or a query of a DuckDB file into the session's `raw`. The file is opened for reading only. */
export async function loadDuckdb(session: DuckSession, source: DatabaseSource, failure: Failure): Promise<void> {
  const { relation } = source
  await session.use(failure, async (connection) => {
    await connection.run(`ATTACH ${quoteText(source.address)} AS source_file (READ_ONLY)`)
    const here = (await connection.runAndReadAll('SELECT current_database() AS name')).getRowObjectsJson()[0]
    const target = `${quoteName(String(here?.name))}.main.raw`
    await connection.run('USE source_file')
    try {
      const from = 'table' in relation ? qualifiedName(relation.table) : `(${relation.query}\n)`
      await connection.run(`CREATE TABLE ${target} AS SELECT * FROM ${from}`)
    } catch (error) {
      throw notFoundOr(error, source)
    } finally {
      await connection.run(`USE ${quoteName(String(here?.name))}`)
      await connection.run('DETACH source_file')
    }
  })
}

/** `schema.table` names a table of a schema. */
export function qualifiedName(name: string): string {
  return name.split('.').map(quoteName).join('.')
}

function notFoundOr(error: unknown, source: DatabaseSource): unknown {
  const message = error instanceof Error ? error.message : ''
  if (!('table' in source.relation) || !/Table with name .* does not exist/.test(message)) return error
  return new FivefoldError('DATA_NOT_FOUND', `${source.shownAs} has no table '${source.relation.table}'`, {
    cause: error,
  })
}
