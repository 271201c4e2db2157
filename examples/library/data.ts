import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numberColumnOf, openTable, snapshotTable, writeFrames } from 'fivefold/data'

// Nothing is read yet but the schema, with the reason for each type.
await using table = await openTable({
  location: 'node_modules/vega-datasets/data/seattle-weather.csv',
  derive: { temp_range: 'temp_max - temp_min' },
})
for (const { name, type, evidence } of table.schema.columns) console.log(`${name}: ${type} (${evidence})`)

// Columns in memory, or SQL where the table is larger than that.
const range = numberColumnOf(await table.read(['temp_range']), 'temp_range')
console.log(`widest range: ${Math.max(...range.values).toFixed(1)} °C`)
console.log(await table.query('SELECT weather, count(*) AS days FROM data GROUP BY weather ORDER BY days DESC LIMIT 2'))

// A version is named by its content; the same rows give the same one wherever they lie.
const folder = await mkdtemp(join(tmpdir(), 'fivefold-'))
const version = await snapshotTable(table, join(folder, 'data'))
await writeFrames(table.scan(), table.schema, join(folder, 'weather.parquet'))
console.log(`${version.rowCount} rows kept as ${version.hash.slice(0, 19)}`)
