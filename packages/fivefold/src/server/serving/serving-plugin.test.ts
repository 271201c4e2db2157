import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import type { TrackingScope } from '../../access/index.ts'
import { createContext } from '../../core/index.ts'
import { openTrackingStore } from '../../track/index.ts'
import { createTrackingApp } from '../serve-tracking.ts'
import { parseServingAddresses } from './serving-address.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server that keeps what it is asked, and answers as `answer` says. */
async function downstream(
  answer = (_request: IncomingMessage, reply: ServerResponse): void => void reply.end('{"ok":1}'),
) {
  const seen: Seen[] = []
  const server = createServer(async (request, reply) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen.push({ method: request.method!, url: request.url!, headers: request.headers, body })
    answer(request, reply)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(async () => server.close())
  return { seen, id: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function tracking(id: string, { scope, token }: { scope?: TrackingScope; token?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'fivefold-forward-'))
  const store = await openTrackingStore(join(folder, 'fivefold.db'))
  const app: FastifyInstance = await createTrackingApp({
    ...{ store, context: createContext(), tokens: scope !== undefined },
    serving: { addresses: [`http://${id}`], ...(token && { token }) },
  })
  cleanups.push(async () => {
    await app.close()
    await store.close()
    await rm(folder, { recursive: true })
  })
  const caller = scope && (await store.addToken('caller', scope))
  const call = (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) =>
    app.inject({
      ...{ method, url: `/serving/${encodeURIComponent(id)}/${path}` },
      headers: { cookie: 'secret=1', ...(caller && { authorization: `Bearer ${caller}` }) },
      ...(body && { payload: body }),
    })
  return { app, call }
}

/** Status of a request whose path goes out as it stands. */
const rawStatus = (port: number, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })

describe('servers of models behind the tracking server', () => {
  it('are asked what the console needs, with the operator’s token and nothing of the caller’s but the body', async () => {
    const { seen, id } = await downstream()
    const { call } = await tracking(id, { token: 'ff_serving' })
    expect((await call('GET', 'operations?history=1h&other=2')).json()).toEqual({ ok: 1 })
    await call('PUT', 'deployments/churn%20a', { by: 'anna', spec: {} })
    await call('POST', 'v2/repository/index')
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', '/operations?history=1h', ''],
      ['PUT', '/deployments/churn%20a', '{"by":"anna","spec":{}}'],
      ['POST', '/v2/repository/index', '{}'],
    ])
    for (const { headers } of seen)
      expect([headers.authorization, headers.cookie]).toEqual(['Bearer ff_serving', undefined])
  })

  it('are those that were named, at the paths that were named', async () => {
    const { seen, id } = await downstream()
    const { app, call } = await tracking(id)
    const elsewhere = ['127.0.0.1:1', '169.254.169.254', 'localhost', '__proto__', `${id}@evil.example`]
    for (const other of elsewhere)
      expect((await app.inject({ url: `/serving/${encodeURIComponent(other)}/server` })).statusCode).toBe(404)
    for (const path of ['predict', 'outcomes', 'metrics', 'models/a/predict'])
      expect((await call('GET', path)).statusCode).toBe(404)
    // As no client sends it that tidies up paths before.
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    for (const step of ['..', '.', '%2e%2e', '%2E'])
      for (const path of [`deployments/${step}`, `deployments/${step}/history`])
        expect(await rawStatus(port, `/serving/${encodeURIComponent(id)}/${path}`)).toBe(404)
    expect(seen).toEqual([])
    await call('GET', `deployments/${encodeURIComponent('../../x?y#z')}`)
    expect(seen.map(({ url }) => url)).toEqual([`/deployments/${encodeURIComponent('../../x?y#z')}`])
  })

  it('are changed by administrators alone, and never from pages of another origin', async () => {
    const { seen, id } = await downstream()
    const reader = await tracking(id, { scope: 'write' })
    expect((await reader.call('GET', 'deployments')).statusCode).toBe(200)
    for (const path of ['deployments/a/promote', 'deployments/a/rollback', 'v2/repository/models/a/unload'])
      expect((await reader.call('POST', path, { by: 'eve' })).statusCode).toBe(403)
    expect((await reader.call('PUT', 'deployments/a', {})).statusCode).toBe(403)
    expect(seen).toHaveLength(1)
    const admin = await tracking(id, { scope: 'admin' })
    expect((await admin.call('POST', 'deployments/a/rollback', { by: 'anna' })).statusCode).toBe(200)
    const local = await tracking(id)
    const headers = { 'sec-fetch-site': 'cross-site' }
    const url = `/serving/${encodeURIComponent(id)}/deployments/a/rollback`
    expect((await local.app.inject({ method: 'POST', url, headers, payload: {} })).statusCode).toBe(403)
    expect(seen).toHaveLength(2)
  })

  it('hand on their own refusals, and are said to be away where they answer nothing of use', async () => {
    const conflict = await downstream(
      (_request, reply) => void reply.writeHead(409).end('{"error":{"message":"stale"}}'),
    )
    const refused = await (await tracking(conflict.id)).call('POST', 'deployments/a/promote', {})
    expect([refused.statusCode, refused.json()]).toEqual([409, { error: { message: 'stale' } }])
    const answers: ((reply: ServerResponse) => void)[] = [
      (reply) => reply.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      (reply) => reply.end('<html>'),
      (reply) => reply.socket!.destroy(),
      (reply) => reply.writeHead(401).end('{}'),
    ]
    for (const answer of answers) {
      const { id } = await downstream((_request, reply) => answer(reply))
      const { statusCode, body } = await (await tracking(id)).call('GET', 'server')
      expect([statusCode, body.includes(id)]).toEqual([503, true])
    }
  })

  it('stand in what the console asks first', async () => {
    const { app } = await tracking('10.0.0.4:8080')
    const home = await app.inject({ url: '/console.json' })
    // Without a build there is no console to ask.
    if (home.statusCode === 404) return
    expect(home.json()).toEqual({
      hasTracking: true,
      servers: [{ id: '10.0.0.4:8080', base: 'serving/10.0.0.4%3A8080/' }],
    })
  })
})

describe('their addresses', () => {
  it('are hosts with a port, and may have a folder', () => {
    expect(parseServingAddresses(['http://10.0.0.4:8080', 'https://models.example/a/'])).toEqual([
      { id: '10.0.0.4:8080', url: 'http://10.0.0.4:8080/' },
      { id: 'models.example/a', url: 'https://models.example/a/' },
    ])
  })

  it('are refused where they are none, hold secrets, or come twice', () => {
    const wrong = ['', 'models', 'file:///etc/passwd', 'ftp://a', 'http://u:p@a', 'http://a?x=1', 'http://a#b']
    for (const text of wrong) expect(() => parseServingAddresses([text])).toThrow('cannot be read')
    expect(() => parseServingAddresses(['http://a:1', 'http://A:1/'])).toThrow('named twice')
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const [address] = parseServingAddresses([text])
          expect(address!.url).toMatch(/^https?:\/\/[^/@?#]+\//)
        } catch (error) {
          expect(error).toMatchObject({ code: 'OPTION_INVALID' })
        }
      }),
    )
  })
})
