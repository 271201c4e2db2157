import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { createModelRepository } from '../runtime/create-repository.ts'
import { createServingApp, type ServingApp } from '../server/serving-app.ts'
import { COLOURS, ECHO, HALF_PLUS_TWO, PRICES } from './protocol-app.test.fixture.ts'

let serving: ServingApp
beforeAll(async () => {
  const context = createContext()
  const repository = createModelRepository({ context })
  for (const model of [COLOURS, ECHO, HALF_PLUS_TWO, PRICES]) await repository.add(model)
  const vertex = { health: '/vertex-health', predict: '/vertex-predict' }
  serving = await createServingApp({ repository, context, protocols: { vertex, sageMakerModels: '/nowhere' } })
})
afterAll(() => serving.stop())

const MODELS = ['colours', 'echo', 'half_plus_two', 'prices', 'none', '%ff']
const ROUTES = MODELS.flatMap((model) => [
  `/v1/models/${model}:predict`,
  `/v1/models/${model}:classify`,
  `/v1/models/${model}/versions/1:regress`,
  `/predictions/${model}`,
  `/models/${model}/invoke`,
]).concat('/invocations', '/score', '/vertex-predict', '/models')

const NAMES = ['share', 'colour', 'rooms', 'x', 'ids', 'name', 'ok', 'half', 'b64', '__proto__', 'constructor', '']
const scalar = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.double(),
  fc.constantFrom(1, 0, true, 2 ** 60, 'red', '1', { b64: 'w6Q=' }, { b64: '/w==' }, { b64: 7 }),
)
const list = fc.array(
  fc.oneof(scalar, fc.array(fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), { maxLength: 3 })),
  {
    maxLength: 4,
  },
)
const row = fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(scalar, list))
const instances = fc.oneof(list, fc.array(row, { maxLength: 4 }))
const split = fc.record({
  columns: fc.oneof(fc.array(fc.constantFrom(...NAMES)), scalar),
  data: fc.oneof(list, scalar),
})
const body = fc.oneof(
  fc.jsonValue(),
  instances,
  row,
  fc.dictionary(
    fc.constantFrom('instances', 'inputs', 'data', 'input_data', 'dataframe_split', 'dataframe_records', 'examples'),
    fc.oneof(instances, row, split),
    { maxKeys: 2 },
  ),
  fc.record(
    { instances, signature_name: scalar, parameters: scalar, context: row, examples: instances },
    { requiredKeys: [] },
  ),
)
const payload = fc.oneof(
  { weight: 4, arbitrary: body.map((value) => JSON.stringify(value) ?? '') },
  fc.stringMatching(/^[a-z0-9,."\n{}[\]:-]{0,60}$/),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
)
const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'text/csv', 'application/jsonlines', 'text/html', ''),
    accept: fc.constantFrom('text/csv', 'application/json', 'application/jsonlines', 'image/png', '*/*;q=x', ';;,'),
    'x-amzn-sagemaker-target-model': fc.constantFrom(...MODELS),
  },
  { requiredKeys: ['content-type'] },
)

describe('random requests', () => {
  it('are answered or refused in JSON, and never break the server', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ROUTES), headers, payload, async (url, sent, bytes) => {
        const reply = await serving.app.inject({ method: 'POST', url, headers: sent, payload: bytes })
        expect(reply.statusCode, reply.body).toBeLessThan(500)
        if (reply.statusCode >= 400) expect(Object.keys(reply.json()).length).toBeGreaterThan(0)
      }),
      { numRuns: 1500 },
    )
  }, 60_000)
})
