import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '../../core/index.ts'
import { parseExactJson, stringifyExactly } from './exact-json.ts'
import { createApp, type ServingApp } from './serve-model.ts'
import { creditModel } from './served-model.test.fixture.ts'

let serving: ServingApp
beforeAll(async () => {
  serving = await createApp({ predictor: creditModel(), context: createContext() })
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
        'content-type': fc.constantFrom('application/json', 'text/csv', 'application/octet-stream', 'text/html', ''),
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
