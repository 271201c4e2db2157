import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RouteOptions } from 'fastify'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ServingScope } from '../../../access/index.ts'
import { createContext } from '../../../core/index.ts'
import { COLOURS, HALF_PLUS_TWO } from '../protocols/protocol-app.test.fixture.ts'
import { createModelRepository } from '../runtime/create-repository.ts'
import { serveModels } from '../server/serve-models.ts'
import { createServingApp, type ServingApp } from '../server/serving-app.ts'
import { createAdmission } from './admission.ts'
import type { RateLimit } from './rate-limit.ts'
import { type RouteScope, scopeOfRoute } from './route-scopes.ts'
import { createTokenBuckets } from './token-buckets.ts'

/** Every route that a server registers, whoever adds it. */
const routes: RouteOptions[] = []
vi.mock('fastify', async (importOriginal) => {
  const original = await importOriginal<typeof import('fastify')>()
  const watched = (options: object): unknown => {
    const app = original.default(options)
    app.addHook('onRoute', (route) => void routes.push(route))
    return app
  }
  return { ...original, default: watched, fastify: watched }
})

const HOLDERS: Readonly<Record<string, ServingScope>> = { scraper: 'observe', web: 'predict', ops: 'admin' }

interface Choices {
  readonly tokens?: boolean
  readonly rateLimit?: RateLimit
  readonly isLocal?: boolean
}

let serving: ServingApp | undefined
beforeEach(() => void routes.splice(0))
afterEach(() => serving?.stop())

/** Of methods that a path does not take: it brings its scope along. */
const isRefusal = ({ config }: RouteOptions): boolean => config !== undefined && 'scope' in config

/** Names are their own tokens here. */
async function serve({ tokens = true, rateLimit, isLocal = true }: Choices = {}): Promise<ServingApp> {
  const context = createContext()
  const repository = createModelRepository({ context })
  for (const model of [COLOURS, HALF_PLUS_TWO]) await repository.add(model)
  const buckets = createTokenBuckets(context.clock)
  const findToken = (name: string) =>
    Object.hasOwn(HOLDERS, name) ? { name, scope: HOLDERS[name]!, createdMs: 0 } : undefined
  const admission = createAdmission({
    takeOne: (key, limit) => buckets.take(key, limit, 1).waitMs,
    ...(tokens && { findToken }),
    ...(rateLimit && { rateLimit }),
  })
  const management = { load: async () => {}, unload: async () => {}, loadable: async () => [] }
  serving = await createServingApp({
    ...{ repository, context, management, guard: { admission, isLocal } },
    protocols: { vertex: { health: '/vertex-health', predict: '/vertex-predict' } },
  })
  return serving
}

const message = expect.stringMatching(/token|requests/)
const PROTOCOLS = [
  ['our own', 'POST', '/predict', { error: expect.objectContaining({ message, requestId: expect.any(String) }) }],
  ['the Open Inference Protocol', 'POST', '/v2/models/half_plus_two/infer', { error: message }],
  ['TensorFlow Serving', 'POST', '/v1/models/half_plus_two:predict', { error: message }],
  [
    'TorchServe',
    'POST',
    '/predictions/half_plus_two',
    { code: expect.any(Number), type: expect.stringMatching(/Exception$/), message },
  ],
  [
    'SageMaker',
    'POST',
    '/invocations',
    { code: expect.any(Number), type: expect.stringMatching(/Exception$/), message },
  ],
  ['Vertex AI', 'POST', '/vertex-predict', { error: message }],
  ['Azure ML', 'POST', '/score', { message }],
] as const

const ask = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  headers: Record<string, string> = {},
  payload = '[',
) =>
  serving!.app.inject({
    method,
    url,
    headers: { ...(method === 'POST' && { 'content-type': 'application/json' }), ...headers },
    ...(method === 'POST' && { payload }),
  })
const bearer = (name: string): Record<string, string> => ({ authorization: `Bearer ${name}` })

describe.each(PROTOCOLS)('%s', (_name, method, url, form) => {
  it('asks for a token, before it looks at the body', async () => {
    await serve()
    const reply = await ask(method, url, {}, 'no JSON')
    expect(reply.statusCode).toBe(401)
    expect(reply.json()).toEqual(form)
    expect(reply.headers['www-authenticate']).toEqual(['Bearer realm="fivefold"', 'Basic realm="fivefold"'])
    expect(reply.headers['x-request-id']).toBeDefined()
    const wrong = await ask(method, url, bearer('nobody'))
    expect([wrong.statusCode, wrong.json()]).toEqual([401, form])
    expect(wrong.headers['www-authenticate']).toContain('Bearer realm="fivefold", error="invalid_token"')
  })

  it('wants one that allows it', async () => {
    await serve()
    const reply = await ask(method, url, bearer('scraper'))
    expect([reply.statusCode, reply.json()]).toEqual([403, form])
    expect(reply.headers['www-authenticate']).toMatch(/insufficient_scope.*scope="predict"/)
    for (const name of ['web', 'ops']) expect((await ask(method, url, bearer(name))).statusCode).toBe(400)
  })

  it('says how long to wait', async () => {
    await serve({ rateLimit: { count: 2, perMs: 60_000 } })
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await ask(method, url, bearer('web'))).statusCode)
    expect(statuses).toEqual([400, 400, 429])
    const reply = await ask(method, url, bearer('web'))
    expect(reply.json()).toEqual(form)
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(25)
    expect(reply.headers['ratelimit-policy']).toBe('"caller";q=2;w=60')
    expect(reply.headers.ratelimit).toMatch(/^"caller";r=0;t=\d+$/)
    // Another token has a limit of its own.
    expect((await ask(method, url, bearer('ops'))).statusCode).toBe(400)
  })

  it('is open to everybody where nobody needs a token', async () => {
    await serve({ tokens: false })
    expect((await ask(method, url)).statusCode).toBe(400)
  })

  it('does not inflate bodies', async () => {
    await serve({ tokens: false })
    const reply = await ask(method, url, { 'content-encoding': 'gzip' })
    expect(reply.statusCode).toBe(415)
    expect(Object.keys(reply.json())).toEqual(Object.keys(form))
  })
})

describe('the table of scopes', () => {
  const page = readFileSync(new URL('../../../../../../docs/serving.md', import.meta.url), 'utf8')

  it.each([false, true])('names every route that there is (models of SageMaker: %s)', async (sageMaker) => {
    const dir = await mkdtemp(join(tmpdir(), 'fivefold-routes-'))
    const variants = { only: { model: 'half_plus_two' } }
    const spec = { variants, policy: { traffic: { kind: 'single', variant: 'only' } } }
    const server = await serveModels({
      models: [COLOURS, HALF_PLUS_TWO],
      allowManagement: true,
      deployments: { dir: join(dir, 'deployments'), specs: [{ name: 'halves', spec }] },
      jobs: { dir: join(dir, 'jobs') },
      protocols: { vertex: { health: '/h', predict: '/p' }, ...(sageMaker && { sageMakerModels: '/nowhere' }) },
      context: createContext(),
    })
    await server.close()
    await rm(dir, { recursive: true })
    const unnamed = routes.flatMap((route) =>
      [route.method]
        .flat()
        .flatMap((method) => (scopeOfRoute(method, route.url) || isRefusal(route) ? [] : [`${method} ${route.url}`])),
    )
    expect(unnamed).toEqual([])
    expect(routes.length).toBeGreaterThan(40)
  })

  it('stands in the documentation, route for route', () => {
    const rows = [...page.matchAll(/^\| (everybody|`observe`|`predict`|`admin`) \| (.*) \|$/gm)]
    expect(rows.map(([, who]) => who)).toEqual(['everybody', '`observe`', '`predict`', '`admin`'])
    const documented = rows.flatMap(([, who, cell]) =>
      [...cell!.matchAll(/`([A-Z]+) (\/[^` ]*)`/g)].map(([, method, path]): [string, RouteScope] => [
        `${method} ${path}`,
        who === 'everybody' ? 'none' : (who!.replaceAll('`', '') as RouteScope),
      ]),
    )
    for (const [route, scope] of documented) {
      const [method = '', path = ''] = route.split(' ')
      expect([route, scopeOfRoute(method, path.replaceAll(/\{(\w+)\}/g, ':$1'))]).toEqual([route, scope])
    }
    expect(documented.length).toBeGreaterThan(25)
  })
})

describe('a server with tokens', () => {
  it.each([
    '/healthz',
    '/readyz',
    '/ping',
    '/v2/health/live',
    '/v2/health/ready',
    '/v2/models/colours/ready',
    '/vertex-health',
    '/',
  ])('tells everybody of its health: %s', async (url) => {
    await serve({ rateLimit: { count: 1, perMs: 3_600_000 } })
    for (let i = 0; i < 3; i++) expect((await ask('GET', url)).statusCode).toBe(200)
  })

  it('lets a scraper see metrics, and nothing else', async () => {
    await serve()
    expect((await ask('GET', '/metrics')).statusCode).toBe(401)
    expect((await ask('GET', '/metrics', bearer('scraper'))).statusCode).toBe(200)
    expect((await ask('GET', '/v2/models/colours', bearer('scraper'))).statusCode).toBe(403)
  })

  it.each([
    ['POST', '/v2/repository/models/colours/unload'],
    ['POST', '/models?url=colours'],
    ['PUT', '/models/colours'],
    ['DELETE', '/models/colours'],
  ] as const)('lets admins alone change it: %s %s', async (method, url) => {
    await serve()
    expect((await ask(method, url)).statusCode).toBe(401)
    expect((await ask(method, url, bearer('web'))).statusCode).toBe(403)
    expect((await ask(method, url, bearer('ops'))).statusCode).toBe(200)
  })

  it('tells strangers nothing of what is not there', async () => {
    await serve()
    expect((await ask('GET', '/nothing')).statusCode).toBe(401)
    expect((await ask('GET', '/nothing', bearer('scraper'))).statusCode).toBe(404)
  })

  it('takes a token as a password, so that people can look at its pages', async () => {
    await serve()
    expect((await ask('GET', '/docs')).statusCode).toBe(401)
    const authorization = `Basic ${Buffer.from('anybody:web').toString('base64')}`
    expect((await ask('GET', '/docs', { authorization })).statusCode).toBe(200)
  })

  it('takes no changes from a page of another origin, where a browser sends the password along', async () => {
    await serve()
    const authorization = `Basic ${Buffer.from('anna:ops').toString('base64')}`
    const url = '/v2/repository/models/colours/load'
    expect((await ask('POST', url, { authorization, 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    expect((await ask('POST', url, { authorization, origin: 'https://evil.example' })).statusCode).toBe(403)
    expect((await ask('POST', url, { authorization })).statusCode).toBe(200)
    expect((await ask('POST', url, { ...bearer('ops'), origin: 'https://console.example' })).statusCode).toBe(200)
  })

  it.each([
    'Bearer',
    'Bearer ops ',
    'Bearer  ops x',
    'Basic %%%',
    `Bearer ${'x'.repeat(5000)}`,
    'Digest a=b',
    'Bearer constructor',
    'Bearer __proto__',
  ])('is not broken by a header: %s', async (authorization) => {
    await serve()
    const reply = await ask('POST', '/v1/models/half_plus_two:predict', { authorization })
    expect([reply.statusCode, Object.keys(reply.json())]).toEqual([401, ['error']])
  })

  it('counts clients apart, and all addresses of a network together', async () => {
    await serve({ rateLimit: { count: 1, perMs: 3_600_000 } })
    const from = (remoteAddress: string) =>
      serving!.app.inject({ method: 'GET', url: '/v2', remoteAddress, headers: {} })
    expect((await from('10.0.0.1')).statusCode).toBe(401)
    expect((await from('10.0.0.1')).statusCode).toBe(429)
    for (let i = 0; i < 3000; i++) await from(`10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`)
    // A network of IPv6 is one client, whatever its members say.
    const statuses = await Promise.all(Array.from({ length: 50 }, (_, i) => from(`2001:db8::${i.toString(16)}`)))
    expect(statuses.filter(({ statusCode }) => statusCode === 401).length).toBe(1)
  })
})

describe('a server of this machine without tokens', () => {
  const load = '/v2/repository/models/colours/load'

  it('takes changes under names of this machine, and not from pages that make a name point here', async () => {
    await serve({ tokens: false })
    expect((await ask('POST', load, { host: '127.0.0.1:8080' })).statusCode).toBe(200)
    expect((await ask('POST', load, { host: '[::1]:8080' })).statusCode).toBe(200)
    expect((await ask('POST', load, { host: 'evil.example' })).statusCode).toBe(403)
    expect((await ask('POST', load, { origin: 'https://evil.example' })).statusCode).toBe(403)
    // Predictions change nothing, and a proxy may pass its own name on.
    expect((await ask('POST', '/predict', { host: 'models.example' })).statusCode).toBe(400)
  })

  it('is asked under any name where it was opened to all', async () => {
    await serve({ tokens: false, isLocal: false })
    expect((await ask('POST', load, { host: 'models.example' })).statusCode).toBe(200)
  })
})
