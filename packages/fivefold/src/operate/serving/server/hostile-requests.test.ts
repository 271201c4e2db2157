import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { creditModel } from '../model/servable.test.fixture.ts'
import { createModelRepository } from '../runtime/create-repository.ts'
import { TABLE_TYPES } from '../tables/table-types.ts'
import { parseExactJson, stringifyExactly } from '../wire/exact-json.ts'
import { serveModels } from './serve-models.ts'
import { createServingApp, type ServingApp } from './serving-app.ts'

let serving: ServingApp
beforeAll(async () => {
  const context = createContext()
  const repository = createModelRepository({ context })
  await repository.add(creditModel())
  serving = await createServingApp({ repository, context })
})
afterAll(() => serving.stop())

const COLUMNS = ['age', 'children', 'job', 'owner', 'since', '__proto__', 'constructor', 'rows', '']
const ROUTES = ['/predict', '/v2/models/credit/infer', '/v2/models/credit/versions/3/infer']

const scalar = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.date().map(String), fc.constantFrom(1, 0, true))
const row = fc.dictionary(fc.constantFrom(...COLUMNS), scalar)
const tensor = fc.record(
  {
    name: fc.constantFrom(...COLUMNS),
    datatype: fc.constantFrom('BOOL', 'INT64', 'UINT8', 'FP16', 'FP32', 'FP64', 'BYTES', 'X'),
    shape: fc.array(fc.oneof(fc.integer({ min: -2, max: 4 }), fc.maxSafeInteger()), { maxLength: 3 }),
    data: fc.oneof(fc.array(scalar), fc.array(fc.array(scalar)), scalar),
    parameters: fc.oneof(fc.jsonValue(), fc.record({ binary_data_size: scalar })),
  },
  { requiredKeys: [] },
)
const body = fc.oneof(
  fc.jsonValue(),
  fc.array(row),
  fc.record({ rows: fc.array(row) }),
  fc.record({ inputs: fc.array(tensor), outputs: fc.jsonValue(), id: scalar }, { requiredKeys: ['inputs'] }),
)
const payload = fc.oneof(
  { weight: 4, arbitrary: body.map((value) => JSON.stringify(value) ?? '') },
  fc.string(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
)

describe('random requests', () => {
  it('are answered or refused, and never break the server', async () => {
    const headers = fc.record(
      {
        'content-type': fc.constantFrom('application/octet-stream', 'text/html', '', ...Object.keys(TABLE_TYPES)),
        accept: fc.constantFrom('*/*', 'text/event-stream', 'image/png', ...Object.keys(TABLE_TYPES)),
        'inference-header-content-length': fc.oneof(fc.nat(300).map(String), fc.stringMatching(/^[ -~]*$/)),
        'x-request-id': fc.stringMatching(/^[ -~]*$/),
      },
      { requiredKeys: ['content-type'] },
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ROUTES), headers, payload, async (url, sent, bytes) => {
        const reply = await serving.app.inject({ method: 'POST', url, headers: sent, payload: bytes })
        expect(reply.statusCode).toBeLessThan(500)
        if (reply.statusCode >= 400) expect(reply.json()).toHaveProperty('error')
      }),
      { numRuns: 300 },
    )
  })
})

describe('requests beyond what a model takes', () => {
  const many = (piece: string, times = 50_000): string => `[${`${piece},`.repeat(times)}${piece}]`
  const infer = '/v2/models/credit/infer'
  it.each([
    ['numbers for rows', '/predict', many('1')],
    ['empty rows', '/predict', many('{}')],
    ['different keys', '/predict', `{${Array.from({ length: 2000 }, (_, i) => `"k${i}":1`).join(',')}}`],
    ['lists in lists', '/predict', many('[1]')],
    ['numbers for tensors', infer, `{"inputs":${many('NaN', 200_000)}}`],
    ['tensors', infer, `{"inputs":${many('{"name":"a","shape":[1],"datatype":"FP64","data":[1]}')}}`],
    ['parameters', infer, `{"inputs":[],"parameters":{${Array.from({ length: 2000 }, (_, i) => `"k${i}":1`)}}}`],
    ['columns of CSV', '/predict', 'a,'.repeat(3000)],
  ])('are refused before they are parsed: %s', async (_what, url, payload) => {
    const headers = { 'content-type': _what.endsWith('CSV') ? 'text/csv' : 'application/json' }
    const reply = await serving.app.inject({ method: 'POST', url, headers, payload })
    expect(reply.statusCode).toBe(413)
    expect(reply.body).toMatch(/more than \d+ (elements|arrays|different keys|keys|columns)/)
  })
})

describe('broken HTTP', () => {
  it('answers a path that cannot be decoded in our form', async () => {
    const reply = await serving.app.inject({ method: 'GET', url: '/%ff' })
    expect(reply.statusCode).toBe(400)
    expect(reply.json().error).toMatchObject({ code: 'REQUEST_INVALID', requestId: expect.any(String) })
  })

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, /no HTTP request/],
    ['headers without end', `GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, 431, /headers are too large/],
  ])('answers %s in our form', async (_what, sent, status, message) => {
    const server = await serveModels({ models: [creditModel()], context: createContext() })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(sent)
    const answer = await text(socket)
    await server.close()
    const [head, body] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(body!).error).toMatchObject({ code: 'REQUEST_INVALID', message: expect.stringMatching(message) })
  })
})

describe('exact JSON', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(stringifyExactly(parseExactJson(text))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[[\]{}",:0-9a-z\\ eE.+-]{0,12}$/), (text) => {
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        if (!valid) expect(() => parseExactJson(text)).toThrow()
        else expect(parseExactJson(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps 64-bit integers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
        expect(stringifyExactly(parseExactJson(`[${value}]`))).toBe(`[${value}]`)
      }),
    )
  })
})
