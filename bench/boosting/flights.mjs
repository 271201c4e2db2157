import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openTable } from '../../packages/fivefold/dist/data/index.js'
import { dataSetFrom, everyNth } from './frames.mjs'

const FILE = fileURLToPath(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url))
const COLUMNS = ['month', 'day', 'weekday', 'minute', 'distance', 'origin', 'destination']
const TEST_EVERY = 10

/**
 * Three million flights of January to June 2001 (US Bureau of Transportation Statistics, in the package vega-datasets):
 * more than 15 minutes late? Origin and destination, of some 230 airports each, are categories. Every tenth row is held out.
 */
export async function flightsCase(rows) {
  if (!existsSync(FILE)) return { skipped: 'the package vega-datasets is not installed' }
  const table = await openTable({
    location: FILE,
    derive: {
      target: 'CAST(delay > 15 AS INTEGER)',
      month: 'month(date)',
      day: 'day(date)',
      weekday: 'dayofweek(date)',
      minute: 'hour(date) * 60 + minute(date)',
    },
  })
  const wanted =
    rows === undefined ? undefined : everyNth(table.rowCount, Math.ceil((rows * TEST_EVERY) / (TEST_EVERY - 1)))
  const frame = await table.read([...COLUMNS, 'target'], wanted)
  await table.close()
  return dataSetFrom(frame, { kind: 'binary', isTest: (row) => row % TEST_EVERY === 0 })
}
