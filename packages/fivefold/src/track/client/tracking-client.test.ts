import { writeSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContext } from '../../core/index.ts'
import { type RunningTrackingServer, serveTracking } from '../../server/index.ts'
import { openTrackingStore, type TrackingStore } from '../index.ts'
import { createTrackingClient, type TrackingClient, type TrackingClientOptions } from './tracking-client.ts'

let folder: string
let store: TrackingStore
let server: RunningTrackingServer
let journal: string
const clients: TrackingClient[] = []

const connect = (options: Partial<TrackingClientOptions> = {}): TrackingClient => {
  const client = createTrackingClient({ url: server.url, journal, delayMs: 5, retryMs: 2, ...options })
  clients.push(client)
  return client
}
const serve = (port = 0): Promise<RunningTrackingServer> => serveTracking({ store, context: createContext(), port })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-client-'))
  journal = join(folder, 'journal')
  store = await openTrackingStore(join(folder, 'fivefold.db'))
  server = await serve()
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close({ timeoutMs: 1 }).catch(() => undefined)
  await server.close()
  await store.close()
  await rm(folder, { recursive: true })
})

const leftBehind = async (): Promise<string[]> => (await readdir(journal)).filter((name) => /^\d/.test(name))

describe('a run through the journal', () => {
  it('arrives whole: values to the last bit, tags in order, nested runs, data, files', async () => {
    const client = connect()
    const run = client.startRun({
      experiment: 'weather',
      name: 'first',
      user: 'ada',
      startedMs: 1000,
      tags: { a: '1' },
    })
    run.params({ rate: 0.1, depth: 3 })
    const values = [0.1 + 0.2, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, -0.1]
    for (const [step, value] of values.entries()) run.point({ key: 'loss', value, step, timestampMs: 2000 + step })
    run.tags({ a: '2', b: 'ä\n' })
    run.tag('a', '3')
    run.dataset({
      dataset: { name: 'iris', digest: 'd1', sourceType: 'local', source: '{}' },
      tags: { 'mlflow.data.context': 'train' },
    })
    await mkdir(join(folder, 'files', 'deep'), { recursive: true })
    await writeFile(join(folder, 'files', 'deep', 'ä b.txt'), 'inside')
    await writeFile(join(folder, 'one.txt'), '')
    run.artifact('reports', join(folder, 'files'))
    run.artifact('one.txt', join(folder, 'one.txt'))
    await rm(join(folder, 'files'), { recursive: true })
    const child = run.child('fold 0', { fold: '0' })
    child.metric('loss', 0.5, 7)
    child.end('failed')
    run.end()
    await client.flush()
    expect(client.status()).toMatchObject({ pending: false, rejected: 0, waitingInMemory: 0, dropped: 0, damage: [] })

    const stored = await store.getRun(await run.id())
    expect(stored).toMatchObject({
      experiment: 'weather',
      name: 'first',
      user: 'ada',
      startedMs: 1000,
      status: 'finished',
    })
    expect(stored.params).toEqual({ rate: '0.1', depth: '3' })
    expect(stored.tags).toMatchObject({ a: '3', b: 'ä\n' })
    expect((await store.metricHistory(stored.id, 'loss')).map(({ value }) => value)).toEqual(values)
    expect(stored.inputs.datasets[0]).toMatchObject({
      dataset: { name: 'iris' },
      tags: { 'mlflow.data.context': 'train' },
    })
    expect((await store.listArtifacts(stored.id)).map(({ name }) => name)).toEqual(['one.txt', 'reports/deep/ä b.txt'])
    const inner = await store.getRun(await child.id())
    expect(inner).toMatchObject({ name: 'fold 0', status: 'failed', experiment: 'weather' })
    expect(inner.tags).toMatchObject({ fold: '0', 'mlflow.parentRunId': stored.id })

    expect(await text(await client.artifacts.open(stored.id, 'reports/deep/ä b.txt'))).toBe('inside')
    expect(await client.artifacts.list(stored.id)).toMatchObject([
      { name: 'one.txt', isFolder: false },
      { name: 'reports', isFolder: true },
    ])
    await client.close()
    expect(await leftBehind()).toEqual([])
  })

  it('goes over the limits of one call in as many calls as it takes', async () => {
    const client = connect()
    const run = client.startRun()
    for (let index = 0; index < 250; index++) {
      run.param(`p${index}`, 'x'.repeat(6000))
      run.tag(`t${index}`, String(index))
    }
    for (let step = 0; step < 5000; step++) run.point({ key: 'loss', value: step, step, timestampMs: 5 })
    await client.flush()
    const stored = await store.getRun(await run.id())
    expect(Object.keys(stored.params)).toHaveLength(250)
    expect(stored.tags.t249).toBe('249')
    expect(await store.metricHistory(stored.id, 'loss')).toHaveLength(5000)
  })

  it('becomes a logged model and a version with an alias, once', async () => {
    const client = connect()
    const run = client.startRun()
    await mkdir(join(folder, 'model'))
    await writeFile(join(folder, 'model', 'MLmodel'), 'flavors: {}\n')
    run.model('model', join(folder, 'model'), { register: { name: 'churn', aliases: ['champion'], tags: { k: 'v' } } })
    await client.flush()
    const id = await run.id()
    const [output] = (await store.getRun(id)).outputs
    const model = await store.getLoggedModel(output!.modelId)
    expect(model).toMatchObject({ name: 'model', status: 'ready', sourceRunId: id })
    const version = await client.models.byAlias('churn', 'champion')
    expect(version).toMatchObject({ name: 'churn', version: 1, runId: id, source: `models:/${model.id}` })
    expect(version.tags).toMatchObject({ k: 'v' })
    expect(await client.models.get('churn')).toMatchObject({ aliases: { champion: 1 } })
    await expect(client.models.byAlias('churn', 'none')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })

  it('loses only what the server refuses, names it, and keeps it in a file', async () => {
    const client = connect()
    const run = client.startRun()
    for (let step = 0; step < 100; step++) run.metric(step === 37 ? '../bad' : 'loss', step, step)
    run.param('rate', 1)
    run.param('rate', 2)
    run.artifact('none', join(folder, 'none'))
    await expect(client.flush()).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' })
    expect(client.status()).toMatchObject({ pending: false, rejected: 2 })
    await client.flush()
    const id = await run.id()
    expect(await store.metricHistory(id, 'loss')).toHaveLength(99)
    expect((await store.getRun(id)).params).toEqual({ rate: '1' })
    const lines = (await readFile(join(journal, 'rejected.jsonl'), 'utf8')).trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { entry: { key: string } }).entry.key).sort()).toEqual([
      '../bad',
      'rate',
    ])
  })

  it('is refused as a whole where its experiment is deleted', async () => {
    const client = connect()
    await client.experiments.delete(await client.experiments.create({ name: 'gone' }))
    const run = client.startRun({ experiment: 'gone' })
    run.metric('loss', 1)
    const child = run.child('inner')
    await expect(client.flush()).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(run.id()).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(child.id()).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
    expect(client.status()).toMatchObject({ pending: false, rejected: 3 })
  })
})

describe('a server that is away', () => {
  it('loses nothing: logging goes on, and all arrives in order once it is back', async () => {
    const { port } = server
    await server.close()
    const client = connect()
    const run = client.startRun({ experiment: 'e' })
    for (let step = 0; step < 50; step++) run.metric('loss', step, step)
    await expect(client.flush({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(client.status()).toMatchObject({ pending: true, lastError: { code: 'STORE_UNAVAILABLE' } })
    server = await serve(port)
    await client.flush()
    expect(client.status().lastError).toBeUndefined()
    expect(await store.metricHistory(await run.id(), 'loss')).toHaveLength(50)
  })

  it('gets from the next client what a closed one could not send, with the files', async () => {
    const { port, url } = server
    await server.close()
    const first = connect()
    const run = first.startRun({ experiment: 'e' })
    run.metric('loss', 1)
    await writeFile(join(folder, 'a.txt'), 'a')
    run.artifact('a.txt', join(folder, 'a.txt'))
    run.end()
    await expect(first.close({ timeoutMs: 20 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(run.id()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await rm(join(folder, 'a.txt'))
    expect(await leftBehind()).toHaveLength(1)
    server = await serve(port)
    const elsewhere = connect({ url: `${url}/elsewhere` })
    await elsewhere.close()
    expect(await leftBehind()).toHaveLength(1)
    await connect().flush()
    const [stored] = await store.listRuns()
    expect(stored).toMatchObject({ status: 'finished', metrics: { loss: { value: 1 } } })
    expect(await store.listArtifacts(stored!.id)).toHaveLength(1)
    expect(await leftBehind()).toEqual([])
  })

  it('makes everything once, also where the first answer to each call is lost', async () => {
    const lossy = await losingAnswers(server.port)
    const client = connect({ url: lossy.url })
    const run = client.startRun({ experiment: 'e', name: 'once' })
    run.child('inner').metric('loss', 1)
    run.param('rate', 1)
    for (let step = 0; step < 20; step++) run.metric('loss', step, step)
    await mkdir(join(folder, 'model'))
    await writeFile(join(folder, 'model', 'MLmodel'), 'flavors: {}\n')
    run.model('model', join(folder, 'model'), { register: { name: 'churn', aliases: ['champion'] } })
    run.artifact('MLmodel', join(folder, 'model', 'MLmodel'))
    run.end()
    await client.flush()
    await lossy.close()
    expect(lossy.lost.size).toBeGreaterThan(8)
    expect((await store.listRuns()).map(({ name }) => name).sort()).toEqual(['inner', 'once'])
    const stored = await store.getRun(await run.id())
    expect(stored.outputs).toHaveLength(1)
    expect((await store.metricHistory(stored.id, 'loss')).map(({ value }) => value)).toEqual([...Array(20).keys()])
    expect((await store.getModel('churn')).versions).toHaveLength(1)
    expect((await store.searchLoggedModels({ experimentIds: [stored.experimentId] })).items).toHaveLength(1)
  })
})

describe('a server that fails inside on one value', () => {
  it('is asked again, and then loses that value alone, if it takes others', async () => {
    const client = connect({ url: await failingServer((body) => body.includes('"bad"')) })
    const run = client.startRun()
    for (let step = 0; step < 20; step++) run.metric(step === 7 ? 'bad' : 'loss', step, step)
    await expect(client.flush()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(client.status()).toMatchObject({ pending: false, rejected: 1 })
  })

  it('keeps all of them where it takes none', async () => {
    const client = connect({ url: await failingServer(() => true) })
    client.startRun().metric('loss', 1)
    await expect(client.flush({ timeoutMs: 500 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(client.status()).toMatchObject({ pending: true, rejected: 0 })
  })
})

/** Answers log-batch with 500 for some bodies, else as a server that keeps nothing. */
async function failingServer(fails: (body: string) => boolean): Promise<string> {
  const info = { run_id: 'r', experiment_id: '0', artifact_uri: 'mlflow-artifacts:/0/r' }
  const failing = createServer(async (request, response) => {
    const isBad = request.url?.includes('log-batch') === true && fails(await text(request))
    response.writeHead(isBad ? 500 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isBad ? { error_code: 'INTERNAL_ERROR' } : { experiment: info, run: { info } }))
  })
  await new Promise<void>((resolve) => failing.listen(0, '127.0.0.1', resolve))
  failing.unref()
  return `http://127.0.0.1:${(failing.address() as AddressInfo).port}`
}

/** A way to the server on which the first answer to each kind of call never arrives. */
async function losingAnswers(port: number): Promise<{ url: string; lost: Set<string>; close(): Promise<void> }> {
  const lost = new Set<string>()
  const proxy = createServer((request, response) => {
    const kind = `${request.method} ${request.url?.replace(/[?].*|[0-9a-f-]{32,}/g, '')}`
    const headers = { ...request.headers, host: `127.0.0.1:${port}` }
    const forward = sendRequest({ port, path: request.url, method: request.method, headers }, (answer) => {
      if (lost.has(kind)) {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
        return
      }
      lost.add(kind)
      answer.resume().on('end', () => response.destroy())
    })
    forward.on('error', () => response.destroy())
    request.pipe(forward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      proxy.close(() => resolve())
      proxy.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, lost, close }
}

describe('a full disk', () => {
  it('does not stop the work: values wait in memory, the error comes out of flush', async () => {
    let isFull = false
    const write = (fd: number, bytes: Buffer): number => {
      if (isFull) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      return writeSync(fd, bytes)
    }
    const client = connect({ write })
    const run = client.startRun({ experiment: 'e' })
    await client.flush()
    isFull = true
    for (let step = 0; step < 10; step++) run.metric('loss', step, step)
    await expect(client.flush()).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect(client.status()).toMatchObject({ pending: true, waitingInMemory: 10, dropped: 0 })
    isFull = false
    await client.flush()
    expect(client.status()).toMatchObject({ pending: false, waitingInMemory: 0 })
    expect(await store.metricHistory(await run.id(), 'loss')).toHaveLength(10)
  })
})

describe('queries', () => {
  it('read what the server has, in the terms of the store', async () => {
    const client = connect()
    const id = await client.experiments.create({ name: 'read', tags: { team: 'x' } })
    await expect(client.experiments.create({ name: 'read' })).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    expect(await client.experiments.find('read')).toMatchObject({ id, tags: { team: 'x' }, lifecycle: 'active' })
    expect(await client.experiments.find('none')).toBeUndefined()
    expect((await client.experiments.search({ filter: "name = 'read'" })).items).toHaveLength(1)
    for (let index = 0; index < 5; index++) client.startRun({ experiment: 'read' }).metric('loss', index, index)
    await client.flush()
    const query = { experimentIds: [id], filter: 'metrics.loss >= 2', orderBy: ['metrics.loss DESC'], limit: 2 }
    const page = await client.runs.search(query)
    expect(page.items.map((run) => run.metrics.loss?.value)).toEqual([4, 3])
    const rest = await client.runs.search({ ...query, pageToken: page.nextPageToken! })
    expect(rest.items.map((run) => run.metrics.loss?.value)).toEqual([2])
    expect(rest.nextPageToken).toBeUndefined()
    await expect(client.runs.get('none')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
    await expect(client.runs.search({ experimentIds: [id], filter: 'nonsense' })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
  })

  it('refuse an address that is none', () => {
    expect(() => createTrackingClient({ url: 'localhost', journal })).toThrow(/http/)
  })
})
