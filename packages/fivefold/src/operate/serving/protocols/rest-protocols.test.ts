import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAzure } from './azure/index.ts'
import { protocolsOfEnvironment } from './container-environment.ts'
import { addPing } from './ping.ts'
import {
  COLOURS,
  HALF_PLUS_TWO,
  HOSTILE_BODIES,
  PRICES,
  protocolApp,
  repositoryOf,
  servableOf,
} from './protocol-app.test.fixture.ts'
import { addSageMaker, addSageMakerModels } from './sagemaker/index.ts'
import { addTorchServe, addTorchServeManagement } from './torchserve/index.ts'
import { addVertex, rewriteVertexUrl, vertexRoutes } from './vertex/index.ts'

type Send = (url: string, body: unknown, headers?: Record<string, string>) => Promise<LightMyRequestResponse>

const sender =
  (app: () => FastifyInstance): Send =>
  (url, body, headers = {}) =>
    app().inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', ...headers },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    })

const YES = { label: 'yes', probability_no: 0.25, probability_yes: 0.75 }
const NO = { label: 'no', probability_no: 0.75, probability_yes: 0.25 }
const ROWS = [
  { share: 0.75, colour: 'blue' },
  { share: 0.5, colour: 'red' },
]

async function refusesHostile(
  send: (body: string) => Promise<LightMyRequestResponse>,
  keys: readonly string[],
): Promise<void> {
  for (const body of HOSTILE_BODIES) {
    const answer = await send(body)
    expect(answer.statusCode, body.slice(0, 80)).toBeGreaterThanOrEqual(400)
    expect(answer.statusCode, body.slice(0, 80)).toBeLessThan(500)
    expect(Object.keys(answer.json())).toEqual(keys)
  }
}

describe('/ping', () => {
  it('is healthy for TorchServe and SageMaker alike, until the server stops', async () => {
    let ready = true
    const app = await protocolApp(addPing, { ready: () => ready })
    expect((await app.inject('/ping')).json()).toEqual({ status: 'Healthy' })
    ready = false
    const stopping = await app.inject('/ping')
    expect([stopping.statusCode, stopping.json()]).toEqual([503, { status: 'Unhealthy' }])
    await app.close()
  })
})

describe('TorchServe', () => {
  let app: FastifyInstance
  beforeAll(async () => {
    app = await protocolApp(addTorchServe, {})
  })
  afterAll(() => app.close())
  const send = sender(() => app)

  it('answers one instance, a list, and the envelopes of its handlers', async () => {
    expect((await send('/predictions/colours', ROWS[0])).json()).toEqual(YES)
    expect((await send('/predictions/colours', ROWS)).json()).toEqual([YES, NO])
    expect((await send('/predictions/colours', { instances: ROWS })).json()).toEqual({ predictions: [YES, NO] })
    expect((await send('/predictions/colours/1', { data: ROWS })).json()).toEqual([YES, NO])
    expect((await send('/predictions/half_plus_two', '7')).body).toBe('5.5')
  })

  it('has errors with code, type and message', async () => {
    const unknown = await send('/predictions/none', '1')
    expect(unknown.json()).toEqual({
      code: 404,
      type: 'ModelNotFoundException',
      message: expect.stringMatching(/none/),
    })
    const wrong = await send('/predictions/half_plus_two', '"a"')
    expect(wrong.json()).toMatchObject({ code: 400, type: 'BadRequestException' })
  })

  it('refuses what is meant badly', () =>
    refusesHostile((body) => send('/predictions/echo', body), ['code', 'type', 'message']))
})

describe('the management of TorchServe', () => {
  it('registers, lists, describes and unregisters models', async () => {
    const repository = repositoryOf([HALF_PLUS_TWO, COLOURS])
    const asked: string[] = []
    const management = {
      load: async (name: string) => void asked.push(name),
      unload: repository.unload,
      loadable: async () => [],
    }
    const app = await protocolApp(addTorchServeManagement, { repository, management })
    const registered = await app.inject({ method: 'POST', url: '/models?url=colours.mar&initial_workers=1' })
    expect(registered.json()).toEqual({ status: 'Model "colours" Version: 1 registered' })
    expect(asked).toEqual(['colours'])
    expect((await app.inject('/models?limit=1')).json()).toEqual({
      models: [{ modelName: 'half_plus_two', modelUrl: 'half_plus_two' }],
      nextPageToken: '1',
    })
    expect((await app.inject('/models?next_page_token=1')).json()).toEqual({
      models: [{ modelName: 'colours', modelUrl: 'colours' }],
    })
    expect((await app.inject('/models/colours')).json()).toMatchObject([
      { modelName: 'colours', modelVersion: '1', workers: [{ status: 'READY' }] },
    ])
    const scaled = await app.inject({ method: 'PUT', url: '/models/colours?min_worker=3' })
    expect(scaled.json().status).toMatch(/not set by model/)
    expect((await app.inject({ method: 'DELETE', url: '/models/colours/1' })).json()).toEqual({
      status: 'Model "colours" unregistered',
    })
    for (const url of ['/models/colours', '/models/half_plus_two/7', '/models/none/all'])
      expect((await app.inject(url)).json()).toMatchObject({ code: 404, type: 'ModelNotFoundException' })
    for (const url of ['/models', '/models?url='])
      expect((await app.inject({ method: 'POST', url })).json()).toMatchObject({
        code: 400,
        message: 'Parameter url is required.',
      })
    expect((await app.inject('/models?limit=x')).statusCode).toBe(400)
    await app.close()
  })
})

describe('SageMaker', () => {
  let app: FastifyInstance
  beforeAll(async () => {
    app = await protocolApp(addSageMaker, { repository: repositoryOf([COLOURS, HALF_PLUS_TWO, PRICES, MATRIX]) })
  })
  afterAll(() => app.close())
  const send = sender(() => app)
  const csv = { 'content-type': 'text/csv' }
  const to = (model: string): Record<string, string> => ({ 'x-amzn-sagemaker-target-model': model })

  /** The sum of each row of three. */
  const MATRIX = servableOf({
    name: 'matrix',
    inputs: [{ name: 'x', type: 'double', shape: [-1, 3] }],
    outputs: [{ name: 'sum', type: 'double', shape: [-1] }],
    run: ({ x }) => {
      const data = x!.data as Float64Array
      const sums = Float64Array.from(
        { length: data.length / 3 },
        (_, i) => data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]!,
      )
      return { sum: { type: 'double', shape: [sums.length], data: sums } }
    },
  })

  it('takes CSV with and without names, and answers CSV', async () => {
    const lines = 'yes,0.25,0.75\nno,0.75,0.25\n'
    const named = await send('/invocations', 'colour,share\r\nblue,0.75\r\nred,0.5\r\n', csv)
    expect(named.headers['content-type']).toMatch(/^text\/csv/)
    expect(named.body).toBe(lines)
    expect((await send('/invocations', '0.75,blue\n0.5,red\n', csv)).body).toBe(lines)
    expect((await send('/invocations', '1,2,3\n4,5,-6e0', { ...csv, ...to('matrix') })).body).toBe('6.0\n3.0\n')
    expect((await send('/invocations', '1\nnan\n', { ...csv, ...to('half_plus_two') })).body).toBe('2.5\nNaN\n')
  })

  it('takes JSON in the envelopes of its containers and of MLflow', async () => {
    expect((await send('/invocations', { instances: ROWS })).json()).toEqual({ predictions: [YES, NO] })
    expect((await send('/invocations', { dataframe_records: ROWS })).json()).toEqual({ predictions: [YES, NO] })
    const split = {
      columns: ['colour', 'share'],
      index: [0, 1],
      data: [
        ['blue', 0.75],
        ['red', 0.5],
      ],
    }
    expect((await send('/invocations', { dataframe_split: split })).json()).toEqual({ predictions: [YES, NO] })
    expect((await send('/invocations', ROWS)).json()).toEqual([YES, NO])
    expect((await send('/invocations', ROWS[0])).json()).toEqual(YES)
    expect((await send('/invocations', { inputs: [1, 2] }, to('half_plus_two'))).json()).toEqual({ outputs: [2.5, 3] })
  })

  it('takes JSON lines, and answers in what is accepted', async () => {
    const lines = ROWS.map((row) => JSON.stringify(row)).join('\n')
    const answer = await send('/invocations', lines, { 'content-type': 'application/jsonlines' })
    expect(answer.headers['content-type']).toMatch(/^application\/jsonlines/)
    expect(
      answer.body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([YES, NO])
    const types = {
      'text/csv': 'yes,',
      'application/json': '[{',
      'text/html, */*;q=0.1': '{"',
      'application/json;q=0.5, text/csv': 'yes,',
    }
    for (const [accept, start] of Object.entries(types)) {
      const chosen = await send('/invocations', lines, { 'content-type': 'application/jsonlines', accept })
      expect(chosen.body.startsWith(start), accept).toBe(true)
    }
  })

  it('says what it does not speak', async () => {
    expect((await send('/invocations', 'x', { 'content-type': 'image/png' })).statusCode).toBe(415)
    expect((await send('/invocations', ROWS, { accept: 'image/png' })).statusCode).toBe(406)
    expect((await send('/invocations', '1', to('none'))).json()).toMatchObject({ code: 404 })
  })

  it.each([
    ['share,share\n1,2\n', 'text/csv'],
    ['share,colour\n1\n', 'text/csv'],
    ['1,2,3\n', 'text/csv'],
    ['a,red\n', 'text/csv'],
    ['share,size\n1,2\n', 'text/csv'],
    ['"1,red\n', 'text/csv'],
    ['\n\n', 'text/csv'],
    ['{"share":1},{"share":2}', 'application/jsonlines'],
    ['{"share":1}]\n[{"share":2}', 'application/jsonlines'],
    ['{"dataframe_split":{"columns":["share","share"],"data":[[1,2]]}}', 'application/json'],
    ['{"dataframe_split":{"columns":["share"],"data":[[1,2]]}}', 'application/json'],
    ['{"dataframe_split":7}', 'application/json'],
  ])('refuses %j as %s', async (body, type) => {
    const answer = await send('/invocations', body, { 'content-type': type })
    expect(answer.json()).toMatchObject({ code: 400, type: 'BadRequestException' })
  })

  it('refuses what is meant badly', () =>
    refusesHostile((body) => send('/invocations', body), ['code', 'type', 'message']))
})

describe('a multi-model endpoint of SageMaker', () => {
  let root: string
  let app: FastifyInstance
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'fivefold-models-')))
    for (const name of ['a', 'big']) await mkdir(join(root, 'models', name), { recursive: true })
    await mkdir(join(root, 'outside'))
    await symlink(join(root, 'outside'), join(root, 'models', 'link'))
    const full = servableOf({ ...HALF_PLUS_TWO })
    const repository = repositoryOf([], { [join(root, 'models/a')]: full })
    const load = repository.load.bind(repository)
    repository.load = async (source) => {
      if (source.name === 'big') throw new Error('session', { cause: new Error('std::bad_alloc') })
      return load(source)
    }
    app = await protocolApp(addSageMakerModels, { repository, modelRoot: join(root, 'models') })
  })
  afterAll(async () => {
    await app.close()
    await rm(root, { recursive: true })
  })
  const send = sender(() => app)
  const load = (model_name: unknown, url: unknown): Promise<LightMyRequestResponse> =>
    send('/models', { model_name, url })

  it('loads, invokes, lists and unloads models', async () => {
    expect((await app.inject('/models')).json()).toEqual({ models: [] })
    expect((await load('first', join(root, 'models/a'))).statusCode).toBe(200)
    expect((await load('first', join(root, 'models/a'))).statusCode).toBe(409)
    expect((await send('/models/first/invoke', [2])).json()).toEqual([3])
    expect((await app.inject('/models')).json()).toEqual({ models: [{ modelName: 'first', modelUrl: 'first' }] })
    expect((await app.inject('/models/first')).json()).toEqual({ modelName: 'first', modelUrl: 'first' })
    expect((await app.inject({ method: 'DELETE', url: '/models/first' })).statusCode).toBe(200)
    for (const method of ['GET', 'DELETE'] as const)
      expect((await app.inject({ method, url: '/models/first' })).statusCode).toBe(404)
    expect((await send('/models/first/invoke', [2])).statusCode).toBe(404)
  })

  it('says when there is no memory', async () => {
    expect((await load('big', join(root, 'models/big'))).json()).toMatchObject({ code: 507 })
  })

  it('loads nothing from elsewhere', async () => {
    for (const url of [
      join(root, 'outside'),
      join(root, 'models/link'),
      join(root, 'models'),
      join(root, 'models/../outside'),
    ])
      expect((await load('x', url)).statusCode, url).toBe(400)
    for (const url of [join(root, 'models/none'), 's3://bucket/model'])
      expect((await load('x', url)).statusCode, url).toBe(404)
    for (const [name, url] of [
      ['', '/a'],
      [1, '/a'],
      ['x', 7],
      ['x', undefined],
    ])
      expect((await load(name, url)).statusCode).toBe(400)
  })
})

describe('the environment of a container', () => {
  it('says which cloud it is in', () => {
    expect(protocolsOfEnvironment({ PATH: '/bin' })).toEqual({})
    expect(protocolsOfEnvironment({ SAGEMAKER_MULTI_MODEL: 'true' })).toEqual({ sageMakerModels: '/opt/ml/models' })
    expect(protocolsOfEnvironment({ AIP_HEALTH_ROUTE: '/h', AIP_PREDICT_ROUTE: '/p' })).toEqual({
      vertex: { health: '/h', predict: '/p' },
    })
  })
})

describe('Vertex AI', () => {
  const routes = vertexRoutes({
    AIP_HEALTH_ROUTE: '/v1/endpoints/1/deployedModels/2',
    AIP_PREDICT_ROUTE: '/v1/endpoints/1/deployedModels/2:predict',
  })!
  let app: FastifyInstance
  beforeAll(async () => {
    app = await protocolApp(
      addVertex,
      { repository: repositoryOf([COLOURS]), vertex: routes },
      { rewriteUrl: rewriteVertexUrl(routes) },
    )
  })
  afterAll(() => app.close())
  const send = sender(() => app)

  it('has its routes from the environment, or none', () => {
    expect(vertexRoutes({})).toBeUndefined()
    expect(vertexRoutes({ AIP_HEALTH_ROUTE: '/health' })).toBeUndefined()
    expect(routes).toEqual({
      health: '/v1/endpoints/1/deployedModels/2',
      predict: '/v1/endpoints/1/deployedModels/2:predict',
    })
  })

  it('answers health with 200 and instances with predictions', async () => {
    expect((await app.inject(routes.health)).statusCode).toBe(200)
    expect((await send(routes.predict, { instances: ROWS, parameters: {} })).json()).toEqual({ predictions: [YES, NO] })
    expect((await send(routes.predict.replace(':predict', 'other'), { instances: ROWS })).statusCode).toBe(404)
  })

  it('refuses parameters, and what is meant badly', async () => {
    const answer = await send(routes.predict, { instances: ROWS, parameters: { confidenceThreshold: 0.5 } })
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { error: "the model takes no parameter 'confidenceThreshold'" },
    ])
    await refusesHostile((body) => send(routes.predict, body), ['error'])
  })
})

describe('Azure Machine Learning', () => {
  let app: FastifyInstance
  beforeAll(async () => {
    app = await protocolApp(addAzure, { repository: repositoryOf([COLOURS]) })
  })
  afterAll(() => app.close())
  const send = sender(() => app)

  it('scores rows in each form that its clients have', async () => {
    for (const body of [
      ROWS,
      { data: ROWS },
      { input_data: ROWS },
      {
        input_data: {
          columns: ['share', 'colour'],
          data: [
            [0.75, 'blue'],
            [0.5, 'red'],
          ],
        },
      },
    ]) {
      const answer = await send('/score?verbose=true', body)
      expect(answer.json()).toEqual([YES, NO])
      expect(answer.headers['x-ms-request-id']).toBeTypeOf('string')
    }
  })

  it('refuses what is meant badly', async () => {
    expect((await send('/score', { data: ROWS, input_data: ROWS })).statusCode).toBe(400)
    await refusesHostile((body) => send('/score', body), ['message'])
  })
})
