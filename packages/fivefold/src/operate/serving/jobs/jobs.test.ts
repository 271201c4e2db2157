import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { columnFromArray, float64, nullType, tableFromColumns, tableToIPC, utf8 } from '@uwdata/flechette'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContext, writeFileAtomic } from '../../../core/index.ts'
import { openTable } from '../../../data/index.ts'
import { doublingModel } from '../model/servable.test.fixture.ts'
import type { Servable } from '../model/servable.ts'
import { HALF_PLUS_TWO } from '../protocols/protocol-app.test.fixture.ts'
import { type RunningServer, serveModels } from '../server/serve-models.ts'
import type { JobStatus } from './job-record.ts'
import type { JobsOptions } from './jobs.ts'

let dir: string
let server: RunningServer | undefined
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fivefold-jobs-'))
})
afterEach(async () => {
  await server?.close()
  await rm(dir, { recursive: true, force: true })
})

async function start(options: Partial<JobsOptions> = {}, model: Servable = doublingModel()): Promise<void> {
  server = await serveModels({ models: [model, HALF_PLUS_TWO], jobs: { dir, ...options }, context: createContext() })
}

const ARROW = 'application/vnd.apache.arrow.stream'

/** A column of nothing, however long, takes no space. */
function nulls(rows: number): ReturnType<typeof columnFromArray> {
  const column = columnFromArray([null], nullType())
  Object.assign(column.data[0]!, { length: rows, nullCount: rows })
  return Object.assign(Object.create(Object.getPrototypeOf(column)), column, { length: rows, nullCount: rows })
}

const csvOf = (rows: number): string => `x\n${Array.from({ length: rows }, (_, i) => `${i}\n`).join('')}`

async function submit(body: string | Uint8Array, type = 'text/csv', query = ''): Promise<Response> {
  return fetch(`${server!.url}/predict/jobs${query}`, { method: 'POST', headers: { 'content-type': type }, body })
}

const json = async <Value>(response: Response): Promise<Value> => (await response.json()) as Value
const statusOf = async (id: string): Promise<JobStatus> => json(await fetch(`${server!.url}/predict/jobs/${id}`))

async function ended(id: string): Promise<JobStatus> {
  for (;;) {
    const status = await statusOf(id)
    if (!['queued', 'running'].includes(status.state)) return status
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A model that answers only once it is let. */
function held(): { model: Servable; release: () => void; started: Promise<void> } {
  let release = (): void => {}
  let begin = (): void => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const started = new Promise<void>((resolve) => {
    begin = resolve
  })
  const inner = doublingModel()
  const run: Servable['run'] = async (feeds, options) => {
    begin()
    await gate
    return inner.run(feeds, options)
  }
  return { model: doublingModel({ run }), release, started }
}

describe('a job', () => {
  it('answers every row of a file, in its order', async () => {
    await start()
    const reply = await submit(csvOf(5000))
    expect(reply.status).toBe(202)
    const { id } = await json<JobStatus>(reply)
    expect(reply.headers.get('location')).toBe(`/predict/jobs/${id}`)
    expect(await ended(id)).toMatchObject({
      state: 'done',
      model: 'doubling',
      version: '1',
      rows: 5000,
      rowsDone: 5000,
    })
    const result = await fetch(`${server!.url}/predict/jobs/${id}/result`)
    expect(result.headers.get('content-type')).toBe('application/vnd.apache.parquet')
    const path = join(dir, 'answer.parquet')
    await writeFile(path, new Uint8Array(await result.arrayBuffer()))
    await using table = await openTable(path)
    expect(
      await table.query(
        'SELECT count(*) AS n, min(prediction - 2 * __row) AS low, max(prediction - 2 * __row) AS high FROM data',
      ),
    ).toEqual([{ n: 5000, low: 0, high: 0 }])
  })

  it('takes JSON lines and answers in CSV', async () => {
    await start()
    const { id } = await json<JobStatus>(
      await submit('{"x":1}\n{"x":null}\n{"x":3}\n', 'application/x-ndjson', '?answer=csv&model=doubling'),
    )
    expect(await ended(id)).toMatchObject({ state: 'done' })
    expect(await (await fetch(`${server!.url}/predict/jobs/${id}/result`)).text()).toBe('prediction\n2.0\n\n6.0\n')
  })

  it('takes Arrow, as a stream and as a file, in batches', async () => {
    await start()
    const values = Array.from({ length: 5000 }, (_, i) => (i === 7 ? null : i))
    const table = tableFromColumns({ x: columnFromArray(values, float64(), { maxBatchRows: 1500 }) })
    for (const format of ['stream', 'file'] as const) {
      const bytes = tableToIPC(table, { format })!
      const type = `application/vnd.apache.arrow.${format}`
      const { id } = await json<JobStatus>(await submit(bytes, type, '?answer=csv'))
      expect(await ended(id)).toMatchObject({ state: 'done', rows: 5000, rowsDone: 5000 })
      const text = await (await fetch(`${server!.url}/predict/jobs/${id}/result`)).text()
      expect(text).toBe(`prediction\n${values.map((x) => (x === null ? '' : `${2 * x}.0`)).join('\n')}\n`)
      const cut = await json<JobStatus>(await submit(bytes.subarray(0, bytes.length - 1000), type))
      expect(await ended(cut.id)).toMatchObject({ state: 'failed', error: { code: 'REQUEST_INVALID' } })
    }
  })

  it('says how far it is, and stops when it is removed, leaving nothing', async () => {
    const { model, release, started } = held()
    await start({}, model)
    const { id } = await json<JobStatus>(await submit(csvOf(10)))
    await started
    expect(await statusOf(id)).toMatchObject({ state: 'running', rowsDone: 0 })
    expect((await fetch(`${server!.url}/predict/jobs/${id}/result`)).status).toBe(409)
    const removed = await fetch(`${server!.url}/predict/jobs/${id}`, { method: 'DELETE' })
    expect(await json(removed)).toMatchObject({ state: 'cancelled' })
    release()
    expect((await fetch(`${server!.url}/predict/jobs/${id}`)).status).toBe(404)
    await server!.close()
    expect(await readdir(dir)).toEqual([])
  })

  it('lets live requests go before', async () => {
    await start()
    const { id } = await json<JobStatus>(await submit(csvOf(20_000)))
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, x) =>
        fetch(`${server!.url}/predict`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ x }),
        }).then((reply) => reply.json()),
      ),
    )
    expect(
      answers.map((answer) => (answer as { predictions: [{ prediction: number }] }).predictions[0].prediction),
    ).toEqual(Array.from({ length: 50 }, (_, x) => 2 * x))
    expect(await ended(id)).toMatchObject({ state: 'done', rows: 20_000 })
  })

  it('that fails says why, without a word of our disk', async () => {
    const wrongArrow = tableToIPC(tableFromColumns({ x: columnFromArray(['a'], utf8()) }), { format: 'stream' })!
    const endless = tableToIPC(tableFromColumns({ x: nulls(200_000_000) }), { format: 'stream' })!
    await start()
    for (const [body, type, code] of [
      ['x\n1\n"2\n', 'text/csv', 'DATA_UNREADABLE'],
      ['y\n1\n', 'text/csv', 'DATA_COLUMN_UNKNOWN'],
      ['x\n1\nseven\n', 'text/csv', 'DATA_TYPE_MISMATCH'],
      ['no Parquet', 'application/vnd.apache.parquet', 'DATA_UNREADABLE'],
      ['x\n', 'text/csv', 'DATA_EMPTY'],
      [wrongArrow, ARROW, 'MODEL_INPUT'],
      [endless, ARROW, 'REQUEST_TOO_LARGE'],
    ] as const) {
      const { id } = await json<JobStatus>(await submit(body, type))
      const status = await ended(id)
      expect([body, status.state, status.error?.code]).toEqual([body, 'failed', code])
      expect(status.error!.message).not.toContain(dir)
    }
  })

  it('that was left unfinished begins again', async () => {
    const { model, release, started } = held()
    await start({}, model)
    const { id } = await json<JobStatus>(await submit(csvOf(3), 'text/csv', '?answer=csv'))
    await started
    const closing = server!.close()
    release()
    await closing
    expect(JSON.parse(await readFile(join(dir, id, 'job.json'), 'utf8'))).toMatchObject({ state: 'running' })
    await start()
    expect(await ended(id)).toMatchObject({ state: 'done', rows: 3 })
    expect(await (await fetch(`${server!.url}/predict/jobs/${id}/result`)).text()).toBe('prediction\n0.0\n2.0\n4.0\n')
  })

  it('is removed when its time is over, so is half an upload, and what is no job stays', async () => {
    const id = randomUUID()
    const record = {
      ...{ id, model: 'doubling', version: '1', input: 'csv', output: 'csv', state: 'done', warnings: [] },
      ...{ createdMs: 1, startedMs: 2, endedMs: 3, rows: 1, owner: '1-1-000000000000' },
    }
    await writeFileAtomic(join(dir, id, 'job.json'), JSON.stringify(record))
    await writeFileAtomic(join(dir, 'other', 'job.json'), '{}')
    await writeFileAtomic(join(dir, randomUUID(), 'input'), 'half a fi')
    await start()
    expect((await fetch(`${server!.url}/predict/jobs/${id}`)).status).toBe(404)
    expect(await readdir(dir)).toEqual(['other'])
  })
})

describe('a file', () => {
  it('is refused beyond the bounds, leaving nothing', async () => {
    await start({ uploadBytes: 1000, diskBytes: 1500 })
    const large = await submit(csvOf(1000))
    expect([large.status, (await json<{ error: { code: string } }>(large)).error.code]).toEqual([
      413,
      'REQUEST_TOO_LARGE',
    ])
    await writeFile(join(dir, 'other'), new Uint8Array(1400))
    const full = await submit(csvOf(200))
    expect([full.status, (await json<{ error: { code: string } }>(full)).error.code]).toEqual([503, 'STORAGE_FULL'])
    expect(await readdir(dir)).toEqual(['other'])
  })

  it('whose answers would take more space than there is fails, and keeps none of them', async () => {
    await start({ diskBytes: 3000 })
    const { id } = await json<JobStatus>(await submit(csvOf(500), 'text/csv', '?answer=csv'))
    expect(await ended(id)).toMatchObject({ state: 'failed', error: { code: 'STORAGE_FULL' } })
    await server!.close()
    expect(await readdir(join(dir, id))).toEqual(['job.json'])
  })

  it('is refused for what has no columns, in an unknown form, or for an unknown model', async () => {
    await start()
    const codes = await Promise.all(
      [
        submit(csvOf(1), 'text/csv', '?model=half_plus_two'),
        submit(csvOf(1), 'image/png'),
        submit(csvOf(1), 'text/csv', '?answer=xml'),
        submit(csvOf(1), 'text/csv', '?model=nobody'),
      ].map(async (reply) => (await reply).status),
    )
    expect(codes).toEqual([422, 415, 400, 404])
  })
})
