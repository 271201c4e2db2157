import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { postgresUrl, reasonWithoutPostgres } from './postgres-server.mjs'

const built = (file) => import(pathToFileURL(join(dirname(dirname(process.env.FIVEFOLD_MAIN)), file)).href)
const { openTrackingStore } = await built('track/index.js')
const { TRACKING_STORE_CONTRACT } = await built('track/tracking-store.contract.js')

const reason = await reasonWithoutPostgres()
if (reason) console.log(`SKIPPED: ${reason}`)

describe('the tracking store in PostgreSQL', { skip: reason ?? false }, () => {
  const schemas = []
  let folder

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fivefold-track-'))
  })
  after(async () => {
    const client = new pg.Client({ connectionString: postgresUrl })
    await client.connect()
    for (const schema of schemas) await client.query(`drop schema if exists ${schema} cascade`)
    await client.end()
    await rm(folder, { recursive: true })
  })

  const open = (schema) =>
    openTrackingStore(`${postgresUrl}?schema=${schema}`, { artifacts: join(folder, schema, 'store') })

  for (const [index, { name, run }] of TRACKING_STORE_CONTRACT.entries())
    it(name, async () => {
      const schema = `fivefold_track_${process.pid}_${index}`
      schemas.push(schema)
      const store = await open(schema)
      try {
        await run(store, join(folder, schema))
      } finally {
        await store.close()
      }
    })

  it('loses nothing when several stores write at once', async () => {
    const schema = `fivefold_track_${process.pid}_many`
    schemas.push(schema)
    const stores = await Promise.all([open(schema), open(schema), open(schema)])
    const id = await stores[0].createRun({ experiment: 'e' })
    await Promise.all(
      stores.flatMap((store, writer) =>
        Array.from({ length: 50 }, (_, step) =>
          store.logBatch(id, { metrics: [{ key: `m${step % 2}`, value: writer, step, timestampMs: step }] }),
        ),
      ),
    )
    assert.equal((await stores[1].metricHistory(id, 'm0')).length, 75)
    assert.deepEqual((await stores[2].getRun(id)).metrics.m1, { key: 'm1', value: 2, step: 49, timestampMs: 49 })
    await Promise.all(stores.map((store) => store.close()))
  })
})
