import { strict as assert } from 'node:assert'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { skipWithout, TABLES } from './harness.mjs'
import { reasonWithoutPostgres, postgresUrl as url } from './postgres-server.mjs'

const { openTable, createContext } = await import(
  pathToFileURL(join(dirname(dirname(process.env.FIVEFOLD_MAIN)), 'index.js')).href
)

const reason = await reasonWithoutPostgres()
if (reason) console.log(`SKIPPED: ${reason}`)

const SQL_TYPES = { double: 'double precision', int64: 'bigint', bool: 'boolean', string: 'text' }

for (const table of TABLES)
  describe(`${table.name} in PostgreSQL`, { skip: reason ?? skipWithout(table.file) }, () => {
    const relation = `fivefold_interop_${table.name}_${process.pid}`
    const client = new pg.Client({ connectionString: url })
    let csv

    before(async () => {
      csv = await openTable({ location: table.file, ...(table.columns && { columns: table.columns }) }, createContext())
      await client.connect()
      await fill(client, relation, csv)
    })
    after(async () => {
      await client.query(`drop table if exists ${relation}`)
      await client.end()
      await csv?.close()
    })

    it('reads as the CSV does: types, rows, missing values, order', async () => {
      const location = `${url}?table=${relation}`
      const types = Object.fromEntries(csv.schema.columns.map(({ name, type }) => [name, type]))
      const stored = await openTable({ location, types: { row_number: 'identifier' } }, createContext())
      try {
        assert.equal(stored.rowCount, csv.rowCount)
        const names = csv.schema.columns.map(({ name }) => name)
        const guessed = Object.fromEntries(stored.schema.columns.map(({ name, type }) => [name, type]))
        for (const name of names) assert.equal(guessed[name], types[name], name)
        const [expected, actual] = [await csv.read(names), await stored.read(names)]
        for (const name of names) assert.deepEqual(valuesOf(actual, name), valuesOf(expected, name), name)
      } finally {
        await stored.close()
      }
    })
  })

/** Values of the frame under the CSV's types, in the order of its rows; the primary key keeps that order. */
async function fill(client, relation, csv) {
  const columns = csv.schema.columns.map(({ name, type, tensor }) => ({
    name,
    sql: type === 'datetime' ? 'timestamptz' : SQL_TYPES[tensor],
  }))
  const declared = columns.map(({ name, sql }) => `${pg.escapeIdentifier(name)} ${sql}`)
  await client.query(`create table ${relation} (row_number bigint primary key, ${declared.join(', ')})`)
  const frame = await csv.read()
  const values = columns.map(({ name, sql }) => valuesOf(frame, name).map((value) => sqlValue(value, sql)))
  const arrays = columns.map(({ sql }, i) => `$${i + 2}::${sql}[]`)
  const rows = Array.from({ length: frame.rowCount }, (_, i) => i)
  // Backwards, so that the physical order is not the one that is asked for.
  await client.query(
    `insert into ${relation} select * from unnest($1::bigint[], ${arrays.join(', ')}) as t(n) order by 1 desc`,
    [rows, ...values],
  )
}

function sqlValue(value, sql) {
  if (value === null) return null
  return sql === 'boolean' ? value === 1 : sql === 'timestamptz' ? new Date(value) : value
}

function valuesOf(frame, name) {
  const column = frame.columns.get(name)
  if (column.kind === 'number') return Array.from(column.values, (value) => (Number.isNaN(value) ? null : value))
  return Array.from(column.codes, (code) => (code < 0 ? null : column.dictionary[code]))
}
