import fc from 'fast-check'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HALF_PLUS_TWO, HOSTILE_BODIES, protocolApp, repositoryOf } from '../protocol-app.test.fixture.ts'
import { addTensorFlowServing } from './index.ts'
import { decodePredict, encodePredict } from './predict.ts'

let app: FastifyInstance

beforeAll(async () => {
  app = await protocolApp(addTensorFlowServing, { labels: { half_plus_two: { stable: '123' } } })
})
afterAll(() => app.close())

const post = (path: string, body: unknown): Promise<LightMyRequestResponse> =>
  app.inject({
    method: 'POST',
    url: `/v1/models/${path}`,
    headers: { 'content-type': 'application/json' },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  })

describe('the requests of the documentation', () => {
  it('answers instances with predictions, whole numbers as floats', async () => {
    const answer = await post('half_plus_two:predict', { instances: [1.0, 2.0, 5.0] })
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.body).toBe('{"predictions":[2.5,3.0,4.5]}')
  })

  it('answers inputs with outputs', async () => {
    const answer = await post('half_plus_two:predict', { signature_name: 'serving_default', inputs: { x: [1, 2] } })
    expect(answer.json()).toEqual({ outputs: [2.5, 3] })
  })

  it('reads and writes NaN and infinities as tokens', async () => {
    const answer = await post('half_plus_two:predict', '{"instances": [NaN, Infinity, -Infinity]}')
    expect(answer.body).toBe('{"predictions":[NaN,Infinity,-Infinity]}')
  })

  it('takes a version, a label, and any content type', async () => {
    for (const path of ['versions/123', 'labels/stable']) {
      const answer = await post(`half_plus_two/${path}:predict`, { instances: [0] })
      expect(answer.json()).toEqual({ predictions: [2] })
    }
    const bare = await app.inject({
      method: 'POST',
      url: '/v1/models/half_plus_two:predict',
      payload: '{"inputs":[2]}',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(bare.json()).toEqual({ outputs: [3] })
  })

  it('tells the status of every version', async () => {
    const answer = await app.inject('/v1/models/half_plus_two')
    const version = { version: '123', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } }
    expect(answer.json()).toEqual({ model_version_status: [version] })
    expect((await app.inject('/v1/models/half_plus_two/versions/123')).json()).toEqual(answer.json())
    expect((await app.inject('/v1/models/half_plus_two/labels/stable')).json()).toEqual(answer.json())
  })

  it('tells inputs and outputs', async () => {
    const info = (name: string): object => ({
      dtype: 'DT_FLOAT',
      tensor_shape: { dim: [{ size: '-1', name: '' }], unknown_rank: false },
      name,
    })
    const signature = {
      inputs: { x: info('x') },
      outputs: { y: info('y') },
      method_name: 'tensorflow/serving/predict',
      defaults: {},
    }
    expect((await app.inject('/v1/models/half_plus_two/metadata')).json()).toEqual({
      model_spec: { name: 'half_plus_two', signature_name: '', version: '123' },
      metadata: { signature_def: { signature_def: { serving_default: signature } } },
    })
  })
})

describe('several named tensors', () => {
  const sent = '{"ids":[9007199254740993,-1],"name":{"b64":"w6Q="},"ok":[true],"half":0.5}'

  it('come as objects and go as objects, with 64-bit integers exact and bytes in base64', async () => {
    const answer = await post('echo:predict', `{"instances":[${sent},${sent}]}`)
    const text = '{"ids":[9007199254740993,-1],"name":"ä","name_bytes":{"b64":"w6Q="},"ok":[true],"half":0.5}'
    expect(answer.body).toBe(`{"predictions":[${text},${text}]}`)
  })

  it('come and go as columns', async () => {
    const answer = await post('echo:predict', { inputs: { ids: [[1, 2]], name: ['a'], ok: [[false]], half: [2] } })
    expect(answer.json()).toEqual({
      outputs: { ids: [[1, 2]], name: ['a'], name_bytes: [{ b64: 'YQ==' }], ok: [[false]], half: [2] },
    })
  })
})

describe('bundles', () => {
  it('take rows by column name, in the order of columns, and as columns', async () => {
    const expected = [
      { label: 'yes', probability_no: 0.25, probability_yes: 0.75 },
      { label: 'no', probability_no: 0.75, probability_yes: 0.25 },
    ]
    const named = await post('colours:predict', {
      instances: [
        { share: 0.75, colour: 'blue' },
        { share: 0.5, colour: 'red' },
      ],
    })
    expect(named.json()).toEqual({ predictions: expected })
    const ordered = await post('colours:predict', {
      instances: [
        [0.75, null],
        [0.5, 'red'],
      ],
    })
    expect(ordered.json()).toEqual({ predictions: expected })
    const columns = await post('colours:predict', { inputs: { share: [0.75, 0.5], colour: [['blue'], ['red']] } })
    expect(columns.json()).toEqual({
      outputs: { label: ['yes', 'no'], probability_no: [0.25, 0.75], probability_yes: [0.75, 0.25] },
    })
  })

  it('classify and regress examples, with features from the context', async () => {
    const classified = await post('colours:classify', {
      context: { colour: ['red'] },
      examples: [{ share: [0.5] }, { share: 0.5, colour: 'blue' }],
    })
    expect(classified.json()).toEqual({
      result: [
        [
          ['no', 0.75],
          ['yes', 0.25],
        ],
        [
          ['no', 0.5],
          ['yes', 0.5],
        ],
      ],
    })
    const regressed = await post('prices:regress', { examples: [{ rooms: 2 }, { rooms: [3] }] })
    expect(regressed.body).toBe('{"result":[4.0,6.0]}')
  })

  it('name the row and column of what does not fit', async () => {
    const answer = await post('colours:predict', { instances: [{ share: 1 }, { share: 'much' }] })
    expect(answer.statusCode).toBe(400)
    expect(answer.json().error).toMatch(/row 1, 'share'/)
    const further = await post('colours:predict', { instances: [{ share: 1, coluor: 'red' }] })
    expect(further.json().error).toMatch(/coluor.*colour/)
  })
})

describe('mistakes', () => {
  it.each([
    ['nothing:predict', { instances: [1] }, 404, /nothing/],
    ['half_plus_two/versions/9:predict', { instances: [1] }, 404, /9/],
    ['half_plus_two/labels/canary:predict', { instances: [1] }, 404, /label: canary/],
    ['half_plus_two:explain', { instances: [1] }, 400, /Malformed request: POST/],
    ['half_plus_two:predict', { instances: [1], inputs: [1] }, 400, /only one of/],
    ['half_plus_two:predict', { rows: [1] }, 400, /Missing 'inputs' or 'instances'/],
    ['half_plus_two:predict', { signature_name: 'other', instances: [1] }, 400, /"other" not found/],
    ['half_plus_two:predict', { signature_name: 1, instances: [1] }, 400, /string/],
    ['half_plus_two:predict', { instances: ['a'] }, 400, /element 0 is not a value of/],
    ['half_plus_two:predict', { instances: [[1], [2]] }, 400, /shape \[-1\], got \[2,1\]/],
    [
      'half_plus_two:classify',
      { examples: [{ x: 1 }] },
      400,
      /tensorflow\/serving\/classify. Was: tensorflow\/serving\/predict/,
    ],
    ['prices:classify', { examples: [{ rooms: 1 }] }, 400, /Was: tensorflow\/serving\/regress/],
    ['echo:predict', { instances: [1] }, 400, /several inputs/],
    ['echo:predict', { instances: [{ ids: [1, 2] }] }, 400, /Keys must be equal to: ids, name, ok, half/],
  ])('%s %j', async (path, body, status, message) => {
    const answer = await post(path, body)
    expect(answer.statusCode).toBe(status)
    expect(Object.keys(answer.json())).toEqual(['error'])
    expect(answer.json().error).toMatch(message)
  })

  it('of paths are told, too', async () => {
    expect((await app.inject('/v1/models')).json()).toEqual({ error: 'Missing model name in request.' })
    expect((await app.inject('/v1/models/a/b/c')).statusCode).toBe(400)
    expect((await app.inject('/v1/models/%ff')).statusCode).toBe(400)
    const unknown = await app.inject('/v1/models/none')
    expect([unknown.statusCode, unknown.json()]).toEqual([404, { error: 'Could not find any versions of model none' }])
  })

  it('that are meant are refused in the form of the protocol', async () => {
    for (const model of ['half_plus_two', 'echo', 'colours'])
      for (const body of HOSTILE_BODIES) {
        const answer = await post(`${model}:predict`, body)
        expect(answer.statusCode, body.slice(0, 80)).toBeGreaterThanOrEqual(400)
        expect(answer.statusCode, body.slice(0, 80)).toBeLessThan(500)
        expect(typeof answer.json().error).toBe('string')
      }
  })

  it('of the server are told as unavailable', async () => {
    const failing = { ...HALF_PLUS_TWO, run: () => Promise.reject(new Error('secret /path')) }
    const broken = await protocolApp(addTensorFlowServing, { repository: repositoryOf([failing]) })
    const answer = await broken.inject({
      method: 'POST',
      url: '/v1/models/half_plus_two:predict',
      payload: '{"inputs":[1]}',
    })
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('secret')
    await broken.close()
  })
})

describe('any numbers', () => {
  it('come back as they are in single precision', () => {
    fc.assert(
      fc.property(fc.array(fc.float(), { minLength: 1, maxLength: 50 }), (values) => {
        const identity = { ...HALF_PLUS_TWO, outputs: HALF_PLUS_TWO.inputs }
        const body = `{"instances":[${values.map((value) => (Object.is(value, -0) ? '-0' : String(value))).join(',')}]}`
        const { feeds } = decodePredict(Buffer.from(body), identity, 100)
        const text = encodePredict(feeds, identity, 'row').slice('{"predictions":['.length, -2)
        expect(text.split(',').map(Number).map(Math.fround)).toEqual(values)
      }),
    )
  })

  it('are written with the fewest digits that tell them apart', () => {
    const data = Float32Array.of(0.1, 1 / 3, 16777217, 3e38, 1e-7)
    const text = encodePredict({ y: { type: 'float', shape: [5], data } }, HALF_PLUS_TWO, 'row')
    expect(text).toBe('{"predictions":[0.1,0.33333334,16777216.0,3e+38,1e-7]}')
  })
})
