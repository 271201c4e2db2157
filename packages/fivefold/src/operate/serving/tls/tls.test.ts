import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type PeerCertificate } from 'node:tls'
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createContext, type Logger, silentLogger } from '../../../core/index.ts'
import { createTypedGraph, encodeModel, floats } from '../../../onnx/index.ts'
import { openTokenFile } from '../access/token-file.ts'
import { HALF_PLUS_TWO } from '../protocols/protocol-app.test.fixture.ts'
import { type RunningServer, type ServeOptions, serveModels } from '../server/serve-models.ts'
import { type RunningWorkers, serveInWorkers } from '../workers/serve-in-workers.ts'
import { createAuthority, type TestAuthority } from './certificates.test.fixture.ts'

let folder = ''
let authority: TestAuthority
let other: TestAuthority
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fivefold-tls-'))
  authority = createAuthority(folder)
  other = createAuthority(folder, 'other')
})
afterAll(() => rmSync(folder, { recursive: true }))

let server: RunningServer | RunningWorkers | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const warnings: string[] = []
const log: Logger = { ...silentLogger, warn: (message) => warnings.push(message) }

async function serve(options: Partial<ServeOptions>): Promise<RunningServer> {
  warnings.splice(0)
  const started = await serveModels({
    models: [HALF_PLUS_TWO],
    grpcPort: 0,
    context: createContext({ log }),
    ...options,
  })
  server = started
  return started
}

interface Answer {
  readonly status: number
  readonly body: string
}

const get = (path: string, options: object = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const ca = readFileSync(authority.ca)
    request(`${server!.url}${path}`, { ca, agent: false, ...options }, (reply) => {
      text(reply).then((body) => resolve({ status: reply.statusCode!, body }), reject)
    })
      .on('error', reject)
      .end()
  })

/** Whose certificate a new connection gets. */
const served = (port: number, protocols: string[] = []): Promise<PeerCertificate> =>
  new Promise((resolve, reject) => {
    const socket = connect(
      { port, host: '127.0.0.1', ca: readFileSync(authority.ca), ALPNProtocols: protocols },
      () => {
        resolve(socket.getPeerCertificate())
        socket.destroy()
      },
    ).on('error', reject)
  })

const identity = (bytes: Buffer): Buffer => bytes

/** Asks over gRPC; the code of the status. */
async function call(
  method: string,
  token?: string,
  client: Parameters<typeof credentials.createSsl> = [readFileSync(authority.ca)],
): Promise<number> {
  const caller = new Client(`127.0.0.1:${server!.grpcPort}`, credentials.createSsl(...client))
  const metadata = new Metadata()
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
  const path = `/inference.GRPCInferenceService/${method}`
  const deadline = Date.now() + 10_000
  const code = await new Promise<number>((resolve) => {
    caller.makeUnaryRequest(
      path,
      identity,
      identity,
      Buffer.alloc(0),
      metadata,
      { deadline },
      (error: ServiceError | null) => resolve(error?.code ?? status.OK),
    )
  })
  caller.close()
  return code
}

describe('TLS', () => {
  it('is spoken over HTTP and gRPC, with tokens over both', async () => {
    const tokensFile = join(folder, 'tokens.json')
    const web = await openTokenFile(tokensFile).addToken('web', 'predict')
    const started = await serve({ tls: authority.issue('both'), access: { tokensFile } })
    expect(started.url).toMatch(/^https:/)
    expect(await get('/healthz')).toEqual({ status: 200, body: '{"status":"ok"}' })
    expect((await get('/v2')).status).toBe(401)
    expect((await get('/v2', { headers: { authorization: `Bearer ${web}` } })).status).toBe(200)
    expect(await call('ServerLive')).toBe(status.OK)
    expect(await call('ServerMetadata')).toBe(status.UNAUTHENTICATED)
    expect(await call('ServerMetadata', 'wrong')).toBe(status.UNAUTHENTICATED)
    expect(await call('ServerMetadata', web)).toBe(status.OK)
    await expect(get('/healthz', { ca: readFileSync(other.ca) })).rejects.toThrow(/certificate/)
  })

  it('takes a new certificate without a restart, and keeps the old one where the new one is broken', async () => {
    const tls = { cert: join(folder, 'live.pem'), key: join(folder, 'live.key') }
    const use = (pair: { cert: string; key: string }): void => {
      copyFileSync(pair.cert, tls.cert)
      copyFileSync(pair.key, tls.key)
    }
    use(authority.issue('first'))
    const started = await serve({ tls })
    const names = async (): Promise<string[]> => [
      (await served(started.port)).subject.CN as string,
      (await served(started.grpcPort!, ['h2'])).subject.CN as string,
    ]
    expect(await names()).toEqual(['first', 'first'])
    use(authority.issue('second'))
    await started.reload()
    expect(await names()).toEqual(['second', 'second'])
    writeFileSync(tls.key, 'no key')
    await started.reload()
    expect(await names()).toEqual(['second', 'second'])
    expect(warnings.at(-1)).toMatch(/certificates cannot be read again.*live.key holds no private key/)
    expect(await call('ServerLive')).toBe(status.OK)
  })

  it('notices a new certificate by itself', async () => {
    const tls = { cert: join(folder, 'own.pem'), key: join(folder, 'own.key') }
    const [before, after] = [authority.issue('before'), authority.issue('after')]
    copyFileSync(before.cert, tls.cert)
    copyFileSync(before.key, tls.key)
    const started = await serve({ tls })
    copyFileSync(after.cert, tls.cert)
    copyFileSync(after.key, tls.key)
    while ((await served(started.port)).subject.CN !== 'after') await new Promise((resolve) => setTimeout(resolve, 50))
  }, 20_000)

  it('can ask clients for a certificate of an authority', async () => {
    const started = await serve({ host: '0.0.0.0', tls: { ...authority.issue('mutual'), clientCa: authority.ca } })
    const own = authority.issue('client')
    const [cert, key] = [readFileSync(own.cert), readFileSync(own.key)]
    expect((await get('/v2', { cert, key })).status).toBe(200)
    await expect(get('/v2')).rejects.toThrow()
    const foreign = other.issue('foreign')
    await expect(get('/v2', { cert: readFileSync(foreign.cert), key: readFileSync(foreign.key) })).rejects.toThrow()
    expect(await call('ServerLive', undefined, [readFileSync(authority.ca), key, cert])).toBe(status.OK)
    expect(await call('ServerLive')).toBe(status.UNAVAILABLE)
    expect(started.port).toBeGreaterThan(0)
  })

  it('warns of a certificate that has expired', async () => {
    await serve({ tls: authority.issue('expired', -1) })
    expect(warnings[0]).toMatch(/expired.pem: the certificate has expired: it was valid until /)
  })

  it.each([
    [
      'a key of another certificate',
      () => ({ cert: authority.issue('a').cert, key: authority.issue('b').key }),
      /b.key is not that of the certificate of .*a.pem/,
    ],
    ['no file', () => ({ cert: join(folder, 'none.pem'), key: join(folder, 'none.key') }), /none.pem cannot be read/],
    [
      'files that were swapped',
      () => ({ cert: authority.issue('c').key, key: authority.issue('c').cert }),
      /c.key holds no certificate/,
    ],
    [
      'an authority that is none',
      () => ({ ...authority.issue('d'), clientCa: authority.issue('d').key }),
      /d.key holds no certificate/,
    ],
  ])('does not begin with %s', async (_what, files, message) => {
    const started = serveModels({ models: [HALF_PLUS_TWO], tls: files(), context: createContext() })
    await expect(started).rejects.toMatchObject({
      code: 'CERTIFICATE_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('is not broken by what is no TLS', async () => {
    const started = await serve({ tls: authority.issue('plain') })
    const plain = await new Promise((resolve) => {
      httpRequest(started.url.replace('https', 'http'), resolve).on('error', resolve).end()
    })
    expect(plain).toBeInstanceOf(Error)
    for (const bytes of ['\u0016\u0003\u0001', 'x'.repeat(100_000), '']) {
      const socket = connectPlain(started.port, '127.0.0.1').on('error', () => {})
      socket.end(bytes)
      await new Promise((resolve) => socket.once('close', resolve))
    }
    expect((await get('/healthz')).status).toBe(200)
  })

  it('and tokens and limits hold over several processes', async () => {
    const tokensFile = join(folder, 'worker-tokens.json')
    const file = openTokenFile(tokensFile)
    const [web, slow] = [await file.addToken('web', 'predict', 'none'), await file.addToken('slow', 'predict', '5/h')]
    const tls = authority.issue('workers')
    const modelsDir = join(folder, 'models')
    writeHalf(modelsDir)
    server = await serveInWorkers({
      workers: 2,
      modelsDir,
      grpcPort: 0,
      tls,
      access: { tokensFile },
      context: createContext(),
    })
    const ask = async (token: string): Promise<number> =>
      (await get('/v2', { headers: { authorization: `Bearer ${token}` } })).status
    expect((await get('/v2')).status).toBe(401)
    expect(await Promise.all(Array.from({ length: 20 }, () => ask(web)))).toEqual(new Array(20).fill(200))
    const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(slow)))
    expect(statuses.filter((code) => code === 200).length).toBe(5)
    expect(statuses.filter((code) => code === 429).length).toBe(15)
    expect(await call('ServerMetadata', slow)).toBe(status.RESOURCE_EXHAUSTED)
    expect(await call('ServerMetadata', web)).toBe(status.OK)
    await file.revokeToken('web')
    await server.reload()
    expect(await Promise.all(Array.from({ length: 10 }, () => ask(web)))).toEqual(new Array(10).fill(401))
  }, 60_000)
})

function writeHalf(modelsDir: string): void {
  const graph = createTypedGraph({ name: 'half' })
  graph.output('y', graph.node('Mul', [graph.input('x', 'float', ['rows', 1]), graph.initializer('f', floats([0.5]))]))
  mkdirSync(modelsDir, { recursive: true })
  writeFileSync(join(modelsDir, 'half.onnx'), encodeModel(graph.build()))
}

describe('a server that other machines reach', () => {
  it('does not begin without tokens, unless it is told to', async () => {
    const context = createContext()
    const started = serveModels({ models: [HALF_PLUS_TWO], host: '0.0.0.0', context })
    await expect(started).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      remedy: expect.stringMatching(/--open-to-all/),
    })
    await serve({ host: '0.0.0.0', access: { openToAll: true } })
    expect((await fetch(`${server!.url}/v2`)).status).toBe(200)
  })
})
