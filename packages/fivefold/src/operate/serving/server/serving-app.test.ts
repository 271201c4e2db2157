import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { CREDIT_ROW, creditModel, doublingModel } from '../model/servable.test.fixture.ts'
import type { Servable } from '../model/servable.ts'
import { createModelRepository } from '../runtime/create-repository.ts'
import type { ServingLimits } from '../runtime/limits.ts'
import { createServingApp } from '../server/serving-app.ts'
import { type RunningServer, serveModels } from './serve-models.ts'

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

async function appOf(
  model: Servable,
  limits: Partial<ServingLimits> = {},
  context = createContext(),
): Promise<FastifyInstance> {
  const { timeoutMs } = limits
  const repository = createModelRepository({ context, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
  await repository.add(model)
  const { app, stop } = await createServingApp({ repository, context, limits })
  opened.push(stop)
  return app
}

async function serve(model: Servable, options = {}): Promise<RunningServer> {
  const server = await serveModels({ models: [model], context: createContext(), ...options })
  opened.push(server.close)
  return server
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

const json = { 'content-type': 'application/json' }
const post = (app: FastifyInstance, payload: unknown, headers: Record<string, string> = json) =>
  app.inject({
    method: 'POST',
    url: '/predict',
    headers,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })

describe('POST /predict', () => {
  it('answers rows in an envelope, in an array, and a single row', async () => {
    const app = await appOf(creditModel())
    for (const body of [{ rows: [CREDIT_ROW] }, [CREDIT_ROW], CREDIT_ROW]) {
      const reply = await post(app, body)
      expect(reply.statusCode).toBe(200)
      expect(reply.json()).toEqual({
        model: 'credit',
        version: '3',
        predictions: [{ label: 'yes', probabilities: { no: 0.6875, yes: 0.3125 } }],
        requestId: reply.headers['x-request-id'],
      })
    }
  })

  it('gives the model typed columns, missing values as NaN and code -1', async () => {
    const model = creditModel()
    const app = await appOf(model)
    await post(app, [CREDIT_ROW, { children: 0, owner: false }, { ...CREDIT_ROW, since: 86_400_000, job: '' }])
    const columns = Object.fromEntries(model.runs[0]!.columns)
    expect(columns).toEqual({
      age: { kind: 'number', values: Float64Array.of(40, Number.NaN, 40) },
      children: { kind: 'number', values: Float64Array.of(2, 0, 2) },
      job: { kind: 'string', codes: Int32Array.of(0, -1, -1), dictionary: ['nurse'] },
      owner: { kind: 'number', values: Float64Array.of(1, 0, 1) },
      since: { kind: 'number', values: Float64Array.of(Date.UTC(2020, 1, 29, 12), Number.NaN, 86_400_000) },
    })
  })

  it('answers a regression, and null where the model says nothing finite', async () => {
    const reply = await post(await appOf(doublingModel()), [{ x: 1.5 }, {}])
    expect(reply.json().predictions).toEqual([{ prediction: 3 }, { prediction: null }])
  })

  it('takes CSV with quotes, empty cells and Windows line ends', async () => {
    const model = creditModel()
    const app = await appOf(model)
    const csv = '\uFEFFage,children,job,owner,since\r\n40,2,"nurse, ""senior""",true,2020-02-29\r\n,0,,0,\r\n'
    const reply = await post(app, csv, { 'content-type': 'text/csv; charset=utf-8' })
    expect(reply.json().predictions.map(({ label }: { label: string }) => label)).toEqual(['yes', 'yes'])
    expect(model.runs[0]!.columns.get('job')).toEqual({
      kind: 'string',
      codes: Int32Array.of(0, -1),
      dictionary: ['nurse, "senior"'],
    })
  })

  it('names row and column of everything that does not fit', async () => {
    const reply = await post(await appOf(creditModel()), [
      CREDIT_ROW,
      { age: 'old', children: 1.5, job: ['clerk'], owner: 'yes', since: '29.2.2020', Age: 3 },
      { agee: 3 },
    ])
    expect(reply.statusCode).toBe(422)
    const { error } = reply.json()
    expect(error.code).toBe('MODEL_INPUT')
    expect(error.issues).toEqual([
      { path: ['rows', 2, 'agee'], message: "the model has no such column; did you mean 'age'?" },
      { path: ['rows', 1, 'age'], message: "'old' is not a number" },
      { path: ['rows', 1, 'children'], message: '1.5 is not an integer' },
      { path: ['rows', 2, 'children'], message: 'missing, and the model takes no missing int64' },
      { path: ['rows', 1, 'job'], message: 'a list is not text' },
      { path: ['rows', 1, 'owner'], message: "'yes' is not a number" },
      { path: ['rows', 2, 'owner'], message: 'missing, and the model takes no missing bool' },
      {
        path: ['rows', 1, 'since'],
        message: "'29.2.2020' is not an ISO 8601 datetime or a number of milliseconds since 1970",
      },
    ])
  })

  it('leaves out columns that the model does not take, and says so', async () => {
    const model = creditModel()
    const reply = await post(await appOf(model), [CREDIT_ROW, { ...CREDIT_ROW, id: 7, 'note, "new"': null }])
    expect(reply.statusCode).toBe(200)
    expect(reply.json().predictions).toHaveLength(2)
    expect(reply.json().warnings).toEqual(['columns that are not asked for are left out: id, note, "new"'])
    expect([...model.runs[0]!.columns.keys()]).toEqual(['age', 'children', 'job', 'owner', 'since'])
  })

  it('lists at most 100 issues', async () => {
    const reply = await post(await appOf(creditModel()), Array(500).fill({ age: 'x' }))
    expect(reply.statusCode).toBe(422)
    expect(reply.json().error.issues).toHaveLength(100)
  })

  it('refuses integers that a double cannot hold and dates beyond all dates, takes infinity as missing', async () => {
    const model = creditModel()
    const app = await appOf(model)
    const big = await post(app, '{"age":1,"children":9007199254740993,"owner":true,"since":1e300}')
    expect(big.statusCode).toBe(422)
    const places = big.json().error.issues.map(({ path }: { path: string[] }) => path[2])
    expect(places).toEqual(['children', 'since'])
    expect((await post(app, '{"age":1e999,"children":1,"owner":true}')).statusCode).toBe(200)
    expect(model.runs[0]!.columns.get('age')).toEqual({ kind: 'number', values: Float64Array.of(Number.NaN) })
  })

  it.each([
    ['no JSON', '{"rows":', 400],
    ['nothing', '', 400],
    ['no rows', '{"rows":[]}', 400],
    ['an empty array', '[]', 400],
    ['a number', '7', 400],
    ['null', 'null', 400],
    ['rows that are no array', '{"rows":3}', 400],
    ['a key beside rows', '{"rows":[{}],"row":1}', 400],
    ['rows that are no objects', '[1,[2]]', 422],
    ['a prototype key', '{"rows":[{"__proto__":{"age":1}}]}', 400],
    ['an escaped prototype key', '{"rows":[{"\\u005f_proto__":{"age":1}}]}', 400],
    ['a constructor with a prototype', '[{"constructor":{"prototype":{}}}]', 400],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400],
  ])('refuses %s', async (_what, payload, status) => {
    const app = await appOf(creditModel())
    const reply = await app.inject({ method: 'POST', url: '/predict', headers: json, payload })
    expect(reply.statusCode).toBe(status)
    expect(reply.json().error).toMatchObject({ code: expect.stringMatching(/REQUEST_INVALID|MODEL_INPUT/) })
    expect(reply.json().error.remedy).not.toBe('')
  })

  it('refuses other content types and encodings with 415', async () => {
    const app = await appOf(creditModel())
    expect((await post(app, '<a/>', { 'content-type': 'application/xml' })).statusCode).toBe(415)
    expect((await post(app, '{}', { 'content-type': 'text/plain' })).json().error.code).toBe('REQUEST_INVALID')
    expect((await post(app, '{}', { ...json, 'content-encoding': 'gzip' })).statusCode).toBe(415)
  })

  it('refuses bodies and rows beyond the limits with 413', async () => {
    const app = await appOf(creditModel(), { bodyBytes: 1000, rows: 2 })
    expect((await post(app, ' '.repeat(1001))).json().error.code).toBe('REQUEST_TOO_LARGE')
    expect((await post(app, Array(3).fill({}))).statusCode).toBe(413)
    expect((await post(app, 'age\n1\n2\n3\n', { 'content-type': 'text/csv' })).statusCode).toBe(413)
  })

  it('keeps a request id that fits a header and replaces one that does not', async () => {
    const app = await appOf(creditModel())
    const kept = await post(app, [CREDIT_ROW], { ...json, 'x-request-id': 'order-7' })
    expect(kept.headers['x-request-id']).toBe('order-7')
    expect(kept.json().requestId).toBe('order-7')
    const replaced = await post(app, '!', { ...json, 'x-request-id': 'a b\u00e9' })
    expect(replaced.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(replaced.json().error.requestId).toBe(replaced.headers['x-request-id'])
  })

  it('hides what went wrong inside and keeps it for the log', async () => {
    const warned: unknown[] = []
    const log = { debug: () => {}, info: () => {}, warn: (_: string, fields?: object) => warned.push(fields) }
    const run = () => Promise.reject(new Error('secret path /etc'))
    const app = await appOf(creditModel({ run }), {}, createContext({ log }))
    const reply = await post(app, [CREDIT_ROW], { ...json, 'x-request-id': 'r1' })
    expect(reply.statusCode).toBe(500)
    expect(reply.body).not.toContain('secret')
    expect(warned).toEqual([expect.objectContaining({ requestId: 'r1', code: 'INTERNAL' })])
  })

  it('gives up after the time limit', async () => {
    const gate = deferred()
    const model = creditModel()
    const run: Servable['run'] = async (feeds) => {
      await gate.promise
      return model.run(feeds)
    }
    const app = await appOf(creditModel({ run }), { timeoutMs: 50 })
    const reply = await post(app, [CREDIT_ROW])
    expect(reply.statusCode).toBe(504)
    expect(reply.json().error.code).toBe('TIMEOUT')
    gate.resolve()
  })
})

describe('the other routes', () => {
  it('describes every route in OpenAPI, with columns, ranges and an example that the model takes', async () => {
    const app = await appOf(creditModel())
    const api = (await app.inject('/openapi.json')).json()
    expect(api.openapi).toBe('3.1.0')
    expect(Object.keys(api.paths)).toEqual(
      expect.arrayContaining(['/predict', '/healthz', '/readyz', '/metrics', '/v2', '/v2/models/{model}/infer']),
    )
    const body = api.paths['/predict'].post.requestBody.content['application/json'].schema
    const row = body.anyOf[2]
    expect(row.required).toEqual(['children', 'owner'])
    expect(row.properties.age).toMatchObject({ type: ['number', 'null'], 'x-range': [17, 90] })
    expect(row.properties.job['x-categories']).toEqual(['clerk', 'nurse', 'pilot'])
    expect((await post(app, body.example)).statusCode).toBe(200)
    const csv = api.paths['/predict'].post.requestBody.content['text/csv'].schema.example
    expect((await post(app, csv, { 'content-type': 'text/csv' })).statusCode).toBe(200)
    const oip = api.paths['/v2/models/{model}/infer'].post.requestBody.content['application/json'].schema.example
    const inferred = await app.inject({ method: 'POST', url: '/v2/models/credit/infer', headers: json, payload: oip })
    expect(inferred.statusCode).toBe(200)
  })

  it('has a page that loads nothing from elsewhere', async () => {
    const reply = await (await appOf(creditModel())).inject('/docs')
    expect(reply.headers['content-type']).toContain('text/html')
    expect(reply.headers['content-security-policy']).toContain("default-src 'none'")
    expect(reply.body).not.toMatch(/https?:\/\//)
  })

  it('counts requests by route and status, rows and stages in a registry of its own', async () => {
    const app = await appOf(creditModel())
    await appOf(doublingModel())
    await post(app, [CREDIT_ROW, CREDIT_ROW])
    await post(app, '{')
    await app.inject('/wp-login.php')
    const text = (await app.inject('/metrics')).body
    expect(text).toContain('fivefold_requests_total{route="/predict",method="POST",status="200"} 1')
    expect(text).toContain('fivefold_requests_total{route="/predict",method="POST",status="400"} 1')
    expect(text).toContain('route="unmatched",method="GET",status="404"')
    expect(text).toContain('fivefold_rows_total{model="credit",version="3"} 2')
    expect(text).toContain('fivefold_requests_in_flight 1')
    for (const stage of ['decode', 'queue', 'batch', 'compute', 'encode'])
      expect(text).toContain(`fivefold_stage_duration_seconds_count{model="credit",version="3",stage="${stage}"} 1`)
    expect(text).not.toContain('doubling')
  })

  it('says what is not there', async () => {
    const reply = await (await appOf(creditModel())).inject('/nowhere')
    expect(reply.statusCode).toBe(404)
    expect(reply.json().error).toMatchObject({ code: 'REQUEST_INVALID', message: 'no route GET /nowhere' })
  })
})

describe('a server on a socket', () => {
  it('says so when the port is taken', async () => {
    const { port } = await serve(creditModel())
    await expect(serveModels({ models: [creditModel()], port, context: createContext() })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    })
  })

  it('puts requests that arrive together into shared runs and hands each its own answer', async () => {
    const model = creditModel()
    const { url } = await serve(model)
    const ages = Array.from({ length: 64 }, (_, i) => i)
    const answers = await Promise.all(
      ages.map(async (age) => {
        const reply = await fetch(`${url}/predict`, {
          method: 'POST',
          headers: json,
          body: JSON.stringify({ ...CREDIT_ROW, age, job: `job ${age}` }),
        })
        return ((await reply.json()) as { predictions: [{ probabilities: { yes: number } }] }).predictions[0]
          .probabilities
      }),
    )
    expect(answers.map(({ yes }) => yes)).toEqual(ages.map((age) => age / 128))
    expect(model.runs.reduce((rows, run) => rows + run.rowCount, 0)).toBe(64)
  })

  it('answers what is in flight before it closes, and stops with its context', async () => {
    const started = deferred()
    const gate = deferred()
    const model = creditModel()
    const run: Servable['run'] = async (feeds) => {
      started.resolve()
      await gate.promise
      return model.run(feeds)
    }
    const controller = new AbortController()
    const context = createContext({ signal: controller.signal })
    const { url, close } = await serve(creditModel({ run }), { context })
    const answer = fetch(`${url}/predict`, { method: 'POST', headers: json, body: JSON.stringify(CREDIT_ROW) })
    await started.promise
    controller.abort()
    gate.resolve()
    expect((await answer).status).toBe(200)
    await close()
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })
})
