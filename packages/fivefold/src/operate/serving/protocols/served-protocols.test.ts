import { afterEach, describe, expect, it } from 'vitest'
import { createContext, FivefoldError } from '../../../core/index.ts'
import { type RunningServer, type ServeOptions, serveModels } from '../server/serve-models.ts'
import { COLOURS, HALF_PLUS_TWO } from './protocol-app.test.fixture.ts'

let server: RunningServer
afterEach(() => server?.close())

async function start(options: Partial<ServeOptions> = {}): Promise<void> {
  server = await serveModels({ models: [COLOURS, HALF_PLUS_TWO], context: createContext(), ...options })
}

const post = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> => {
  const answer = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return answer.json()
}

const ROW = { share: 0.75, colour: 'blue' }
const YES = { label: 'yes', probability_no: 0.25, probability_yes: 0.75 }

describe('a server', () => {
  it('speaks every protocol at once, of the same models', async () => {
    await start({ grpcPort: 0, protocols: { labels: { half_plus_two: { stable: '123' } } } })
    expect(await post('/v1/models/half_plus_two/labels/stable:predict', { instances: [2] })).toEqual({
      predictions: [3],
    })
    expect(await post('/predictions/half_plus_two', 2)).toEqual(3)
    expect(await post('/invocations', [2], { 'x-amzn-sagemaker-target-model': 'half_plus_two' })).toEqual([3])
    expect(await post('/invocations', ROW)).toEqual(YES)
    expect(await post('/score', { data: [ROW] })).toEqual([YES])
    expect(await post('/predict', ROW)).toMatchObject({ predictions: [{ label: 'yes' }] })
    expect(await (await fetch(`${server.url}/ping`)).json()).toEqual({ status: 'Healthy' })
    expect(server.grpcPort).toBeGreaterThan(0)
    expect(server.grpcPort).not.toBe(server.port)
  })

  it('measures the decoding and encoding of each', async () => {
    await start()
    await post('/score', { data: [ROW] })
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    for (const stage of ['decode', 'encode'])
      expect(metrics).toMatch(new RegExp(`_count\\{[^}]*stage="${stage}"[^}]*\\} 1`))
  })

  it('is alive for Azure ML at its root, and has a page there for people', async () => {
    await start()
    expect(await (await fetch(server.url)).text()).toBe('Healthy')
    const page = await fetch(server.url, { headers: { accept: 'text/html' }, redirect: 'manual' })
    expect([page.status, page.headers.get('location')]).toEqual([302, '/docs'])
  })

  it('takes the routes of Vertex AI, also where they are those of another protocol', async () => {
    await start({ protocols: { vertex: { health: '/ping', predict: '/predict' } } })
    expect(await post('/predict', { instances: [ROW] })).toEqual({ predictions: [YES] })
    expect((await fetch(`${server.url}/ping`)).status).toBe(200)
  })

  it('has the management of TorchServe or of SageMaker, and none unless it is allowed', async () => {
    await start()
    expect((await fetch(`${server.url}/models`)).status).toBe(404)
    await server.close()
    await start({ allowManagement: true })
    expect(await (await fetch(`${server.url}/models/colours`)).json()).toMatchObject([{ modelName: 'colours' }])
    await server.close()
    await start({ allowManagement: true, protocols: { sageMakerModels: '/nowhere' } })
    expect(await (await fetch(`${server.url}/models/colours`)).json()).toEqual({
      modelName: 'colours',
      modelUrl: 'colours',
    })
    expect(await post('/models', { model_name: 'x', url: '/etc/passwd' })).toMatchObject({ code: 404 })
  })

  it('does not start where the port for gRPC is taken', async () => {
    await start({ grpcPort: 0 })
    const taken = serveModels({ models: [HALF_PLUS_TWO], context: createContext(), grpcPort: server.grpcPort! })
    await expect(taken).rejects.toThrow(FivefoldError)
    await expect(taken).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  })
})
