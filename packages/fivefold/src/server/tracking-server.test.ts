import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContext } from '../core/index.ts'
import { openTrackingStore, type TrackingStore } from '../track/index.ts'
import { serveTracking } from './index.ts'
import { createTrackingApp } from './serve-tracking.ts'

let folder: string
let store: TrackingStore
let app: FastifyInstance

const HOSTS = new Set(['localhost'])
const LOCAL = { host: 'localhost:5000' }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-server-'))
  store = await openTrackingStore(join(folder, 'fivefold.db'))
  app = await createTrackingApp({ store, context: createContext(), tokens: false, hosts: HOSTS })
})
afterEach(async () => {
  await app.close()
  await store.close()
  await rm(folder, { recursive: true })
})

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

function call(method: Method, path: string, body?: object, headers: object = {}): Promise<LightMyRequestResponse> {
  const payload = body === undefined ? {} : { payload: body }
  return app.inject({ method, url: path, headers: { ...LOCAL, ...headers }, ...payload })
}

const api = (path: string): string => `/api/2.0/mlflow/${path}`

async function newRun(): Promise<string> {
  const answer = await call('POST', api('runs/create'), { experiment_id: '0', start_time: '1000', run_name: 'a' })
  expect(answer.statusCode).toBe(200)
  return (answer.json() as { run: { info: { run_id: string } } }).run.info.run_id
}

function expectError(answer: LightMyRequestResponse, status: number, code: string): void {
  expect([answer.statusCode, (answer.json() as { error_code: string }).error_code]).toEqual([status, code])
}

describe('the wire form', () => {
  it('takes 64-bit integers and non-finite numbers as protobuf writes them, and both names of a run', async () => {
    const id = await newRun()
    for (const [index, value] of ['NaN', 'Infinity', '-Infinity', 0.1, '0.25'].entries()) {
      const metric = { run_uuid: id, key: `m${index}`, value, timestamp: '5', step: '7' }
      expect((await call('POST', api('runs/log-metric'), metric)).json()).toEqual({})
    }
    const answer = await call('GET', `${api('runs/get')}?run_uuid=${id}&run_id=${id}`)
    expect(answer.json()).toMatchObject({
      run: {
        info: { run_id: id, run_uuid: id, status: 'RUNNING', start_time: 1000, lifecycle_stage: 'active' },
        data: {
          metrics: [
            { key: 'm0', value: 'NaN', timestamp: 5, step: 7 },
            { key: 'm1', value: 'Infinity' },
            { key: 'm2', value: '-Infinity' },
            { key: 'm3', value: 0.1 },
            { key: 'm4', value: 0.25 },
          ],
        },
      },
    })
  })

  it('answers under the second prefix as well', async () => {
    expect((await call('GET', '/ajax-api/2.0/mlflow/experiments/get?experiment_id=0')).statusCode).toBe(200)
    expect((await call('GET', '/health')).body).toBe('OK')
  })

  it('gives errors as MLflow does', async () => {
    const id = await newRun()
    expectError(await call('GET', api('nothing')), 404, 'ENDPOINT_NOT_FOUND')
    expectError(await call('POST', '/v1/traces', {}), 404, 'ENDPOINT_NOT_FOUND')
    expectError(await call('GET', `${api('runs/get')}?run_id=none`), 404, 'RESOURCE_DOES_NOT_EXIST')
    expectError(await call('GET', api('runs/get')), 400, 'INVALID_PARAMETER_VALUE')
    expectError(await call('POST', api('experiments/create'), { name: 'Default' }), 400, 'RESOURCE_ALREADY_EXISTS')
    expectError(await call('POST', api('experiments/create'), {}), 400, 'INVALID_PARAMETER_VALUE')
    expectError(
      await call('POST', api('runs/search'), { experiment_ids: ['0'], filter: "params.x = 'a' ; drop table runs" }),
      400,
      'INVALID_PARAMETER_VALUE',
    )
    await call('POST', api('runs/log-parameter'), { run_id: id, key: 'p', value: '1' })
    expect((await call('POST', api('runs/log-parameter'), { run_id: id, key: 'p', value: '1' })).statusCode).toBe(200)
    expectError(
      await call('POST', api('runs/log-parameter'), { run_id: id, key: 'p', value: '2' }),
      400,
      'INVALID_PARAMETER_VALUE',
    )
  })

  it('holds the limits of MLflow', async () => {
    const run_id = await newRun()
    const batch = (body: object): Promise<LightMyRequestResponse> =>
      call('POST', api('runs/log-batch'), { run_id, ...body })
    const metrics = (count: number): object[] =>
      Array.from({ length: count }, (_, step) => ({ key: 'm', value: 1, timestamp: 1, step }))
    const pairs = (count: number): object[] => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: 'v' }))
    expect((await batch({ metrics: metrics(1000) })).statusCode).toBe(200)
    for (const body of [
      { metrics: metrics(1001) },
      { params: pairs(101) },
      { tags: pairs(101) },
      { metrics: metrics(950), params: pairs(51) },
      { params: [{ key: 'k'.repeat(251), value: 'v' }] },
      { params: [{ key: 'k', value: 'v'.repeat(6001) }] },
      { params: [{ key: '../k', value: 'v' }] },
      {
        params: [
          { key: 'k', value: '1' },
          { key: 'k', value: '2' },
        ],
      },
      { metrics: [{ key: 'm', value: 'many', timestamp: 1 }] },
      { tags: [{ key: 'k', value: 'x'.repeat(1_000_001) }] },
    ])
      expectError(await batch(body), 400, 'INVALID_PARAMETER_VALUE')
    expect((await store.getRun(run_id)).params).toEqual({})
  })

  it('samples histories between steps', async () => {
    const run_id = await newRun()
    const metrics = Array.from({ length: 500 }, (_, step) => ({ key: 'm', value: step, timestamp: 1, step }))
    await call('POST', api('runs/log-batch'), { run_id, metrics })
    const query = `run_ids=${run_id}&metric_key=m&start_step=100&end_step=199&max_results=10`
    const answer = await call('GET', `${api('metrics/get-history-bulk-interval')}?${query}`)
    const steps = (answer.json() as { metrics: { step: number; run_id: string }[] }).metrics.map(({ step }) => step)
    expect(steps).toEqual([100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 199])
    const buckets = await call('GET', `${api('metrics/get-history-buckets')}?run_id=${run_id}&metric_key=m&buckets=5`)
    expect(buckets.json()).toMatchObject({
      buckets: [{ from_step: 0, to_step: 99, count: 100, min: 0, max: 99, mean: 49.5 }, {}, {}, {}, {}],
    })
  })
})

describe('artifacts over HTTP', () => {
  const proxy = '/api/2.0/mlflow-artifacts'

  it('cannot leave the tree', async () => {
    for (const path of ['../x', '..%2fx', 'a/..%2f..%2fx', '%2fetc/passwd', 'a%5c..%5cx', 'a%00b'])
      for (const method of ['GET', 'PUT', 'DELETE'] as const) {
        const answer = await call(method, `${proxy}/artifacts/${path}`)
        expect([400, 404], `${method} ${path}`).toContain(answer.statusCode)
      }
    expectError(await call('GET', `${proxy}/artifacts?path=../..`), 400, 'INVALID_PARAMETER_VALUE')
  })

  it('shows a hostile page where it can do nothing', async () => {
    const run_id = await newRun()
    const page = '<script>fetch("/api/2.0/mlflow/experiments/delete")</script>'
    const headers = { ...LOCAL, 'content-type': 'text/html' }
    await app.inject({ method: 'PUT', url: `${proxy}/artifacts/0/${run_id}/artifacts/x.html`, headers, payload: page })
    const answer = await call('GET', `/get-artifact?run_uuid=${run_id}&path=x.html`)
    expect(answer.body).toBe(page)
    expect(answer.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/)
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    const listed = await call('GET', `${api('artifacts/list')}?run_id=${run_id}`)
    expect(listed.json()).toMatchObject({ files: [{ path: 'x.html', is_dir: false, file_size: page.length }] })
    expectError(await call('GET', `/get-artifact?run_uuid=${run_id}&path=../../../x`), 400, 'INVALID_PARAMETER_VALUE')
  })

  it('takes parts and joins them', async () => {
    const begun = await call('POST', `${proxy}/mpu/create/0/r/artifacts`, { path: '/tmp/large.bin', num_parts: 2 })
    const { upload_id, credentials } = begun.json() as { upload_id: string; credentials: { url: string }[] }
    const parts = []
    for (const [index, { url }] of credentials.entries()) {
      const { pathname } = new URL(url)
      const answer = await app.inject({
        method: 'PUT',
        url: pathname,
        headers: LOCAL,
        payload: Buffer.from(`part ${index};`),
      })
      parts.push({ part_number: index + 1, etag: answer.headers.etag, url })
    }
    await call('POST', `${proxy}/mpu/complete/0/r/artifacts`, { path: '/tmp/large.bin', upload_id, parts })
    expect((await call('GET', `${proxy}/artifacts/0/r/artifacts/large.bin`)).body).toBe('part 0;part 1;')
    expectError(await call('POST', `${proxy}/mpu/abort/0/r/artifacts`, { upload_id }), 404, 'RESOURCE_DOES_NOT_EXIST')
  })
})

describe('what MLflow does not tell', () => {
  const own = (path: string): string => `/api/2.0/fivefold/${path}`

  it('counts the runs of experiments', async () => {
    await newRun()
    const { experiments } = (await call('GET', own('experiments/run-counts'))).json() as { experiments: unknown }
    expect(experiments).toEqual([{ experiment_id: '0', run_count: 1 }])
  })

  it('tells what was changed in the registry, newest first', async () => {
    await call('POST', api('registered-models/create'), { name: 'churn' })
    await call('POST', api('registered-models/create'), { name: 'other' })
    await call('POST', api('model-versions/create'), { name: 'churn', source: 's3://bucket/model' })
    await call('POST', api('registered-models/alias'), { name: 'churn', alias: 'champion', version: '1' })
    const trail = async (query: string): Promise<{ action: string; name: string; details: object }[]> =>
      ((await call('GET', own(`registered-models/audit${query}`))).json() as { entries: never }).entries
    expect((await trail('?name=churn')).map(({ action }) => action)).toEqual([
      'setAlias',
      'registerModel',
      'createModel',
    ])
    expect((await trail('?max_results=1'))[0]).toMatchObject({
      action: 'setAlias',
      name: 'churn',
      details: { alias: 'champion', version: 1, before: null },
    })
    expect(await trail('')).toHaveLength(4)
    expect(await trail('?name=none')).toEqual([])
    expectError(await call('GET', own('registered-models/audit?max_results=0')), 400, 'INVALID_PARAMETER_VALUE')
  })
})

describe('access', () => {
  it('refuses writes from pages elsewhere, and other names for this machine', async () => {
    let count = 0
    const create = (headers: object): Promise<LightMyRequestResponse> =>
      call('POST', api('experiments/create'), { name: `e${count++}` }, headers)
    expect((await create({ origin: 'http://localhost:5000' })).statusCode).toBe(200)
    expect((await create({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200)
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:8080' },
      { 'sec-fetch-site': 'cross-site' },
      { host: 'evil.example:5000' },
    ])
      expectError(await create(headers), 403, 'PERMISSION_DENIED')
    expectError(
      await call('GET', api('experiments/search'), undefined, { host: 'evil.example' }),
      403,
      'PERMISSION_DENIED',
    )
    const form = { ...LOCAL, 'content-type': 'text/plain' }
    const answer = await app.inject({
      method: 'POST',
      url: api('experiments/create'),
      headers: form,
      payload: '{"name":"x"}',
    })
    expectError(answer, 400, 'INVALID_PARAMETER_VALUE')
  })

  it('asks for tokens, and holds them to their scopes', async () => {
    const reader = await store.addToken('reader', 'read')
    const writer = await store.addToken('writer', 'write')
    await app.close()
    app = await createTrackingApp({ store, context: createContext(), tokens: true })
    const search = (headers: object): Promise<LightMyRequestResponse> =>
      call('GET', api('experiments/search'), undefined, headers)
    const create = (headers: object): Promise<LightMyRequestResponse> =>
      call('POST', api('runs/create'), { experiment_id: '0' }, headers)
    const basic = (token: string): object => ({
      authorization: `Basic ${Buffer.from(`me:${token}`).toString('base64')}`,
    })
    const bearer = (token: string): object => ({ authorization: `Bearer ${token}` })
    for (const headers of [{}, bearer('wrong'), basic('wrong'), { authorization: 'Bearer' }, { authorization: reader }])
      expectError(await search(headers), 401, 'UNAUTHENTICATED')
    expect((await search(bearer(reader))).statusCode).toBe(200)
    expect((await search(basic(reader))).statusCode).toBe(200)
    expectError(await create(bearer(reader)), 403, 'PERMISSION_DENIED')
    expect((await create(bearer(writer))).statusCode).toBe(200)
    expectError(await call('GET', '/get-artifact?run_id=x&path=y'), 401, 'UNAUTHENTICATED')
    expect((await call('GET', '/health')).statusCode).toBe(200)
    await store.revokeToken('reader')
    expectError(await search(bearer(reader)), 401, 'UNAUTHENTICATED')
  })

  it('does not start on an open address without a token, unless it is told to', async () => {
    const context = createContext()
    await expect(serveTracking({ store, context, host: '0.0.0.0' })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    const open = await serveTracking({ store, context, host: '0.0.0.0', openToAll: true })
    expect((await fetch(`${open.url}/api/2.0/mlflow/experiments/search`)).status).toBe(200)
    await open.close()
    await store.addToken('one', 'read')
    const guarded = await serveTracking({ store, context, host: '0.0.0.0' })
    expect((await fetch(`${guarded.url}/api/2.0/mlflow/experiments/search`)).status).toBe(401)
    await guarded.close()
  })

  it('answers what is under way before it stops', async () => {
    const interruption = new AbortController()
    const server = await serveTracking({ store, context: createContext({ signal: interruption.signal }) })
    const answer = await fetch(`${server.url}/health`)
    expect(await answer.text()).toBe('OK')
    interruption.abort()
    await server.close()
    await expect(fetch(`${server.url}/health`)).rejects.toThrow()
  })
})
