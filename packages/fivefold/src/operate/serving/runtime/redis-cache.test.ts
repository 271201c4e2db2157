import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createContext, silentLogger } from '../../../core/index.ts'
import { createTypedGraph, encodeModel, floats } from '../../../onnx/index.ts'
import { doublingModel } from '../model/servable.test.fixture.ts'
import type { Servable } from '../model/servable.ts'
import { type RunningServer, serveModels } from '../server/serve-models.ts'
import { answerCacheContract } from './answer-cache.contract.ts'
import { openRedisCache } from './redis-cache.ts'
import { type FakeRedis, startFakeRedis } from './redis-server.test.fixture.ts'
import { answersInMemory, answersShared, type SharedCache } from './shared-cache.ts'

let redis: FakeRedis
const opened: (() => Promise<void>)[] = []
beforeEach(async () => {
  redis = await startFakeRedis()
})
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
  await redis.close()
})

const answer = { y: floats([1, 2], [2, 1]) }

async function open(warnings: string[] = []): Promise<SharedCache> {
  const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
  const cache = await openRedisCache({ url: redis.url }, createContext({ log }))
  opened.push(cache.close)
  await connected(cache)
  return cache
}

/** What is asked before there is a connection has no answer. */
async function connected(cache: SharedCache): Promise<void> {
  while (redis.commands.length === 0) {
    await cache.get('connected')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  redis.commands.length = 0
}

const withDigest = (digest: string): Servable => doublingModel({ digest: async () => digest })

answerCacheContract('memory', async () => answersInMemory(10))
answerCacheContract('Redis', async () => (await answersShared(await open(), withDigest('a')))!)

describe('answers in Redis', () => {
  it('are told apart by what the model is, and expire', async () => {
    const cache = await open()
    const [a, b] = [await answersShared(cache, withDigest('a')), await answersShared(cache, withDigest('b'))]
    a!.set({}, undefined, answer)
    while (!(await a!.get({}, undefined))) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await b!.get({}, undefined)).toBeUndefined()
    expect(redis.commands[0]!.slice(3)).toEqual(['EX', '3600'])
    expect(await answersShared(cache, doublingModel())).toBeUndefined()
  })

  it('are not kept where they are very large', async () => {
    const cache = await open()
    cache.set('large', { y: floats(new Float32Array(300_000), [300_000, 1]) })
    cache.set('small', answer)
    while (redis.commands.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(redis.commands.map(([command, key]) => `${command} ${key}`)).toEqual(['SET fivefold:1:small'])
  })

  it.each(['silence', 'hang-up', 'error', 'garbage'] as const)('are none where there is %s', async (how) => {
    const cache = await open()
    redis.fail(how)
    cache.set('x', answer)
    expect(await cache.get('x')).toBeUndefined()
  })

  it('are not asked for during a pause after failures in a row', async () => {
    const warnings: string[] = []
    const cache = await open(warnings)
    redis.fail('error')
    for (let i = 0; i < 20; i++) await cache.get('x')
    expect(redis.commands.length).toBe(5)
    expect(warnings).toEqual(['the cache does not answer and is left alone for a while'])
  })

  it('need a client that is installed', async () => {
    vi.doMock('@redis/client', () => {
      throw new Error('Cannot find package')
    })
    await expect(openRedisCache({ url: redis.url }, createContext())).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      remedy: expect.stringContaining('npm install @redis/client'),
    })
    vi.doUnmock('@redis/client')
  })

  it('need an address of Redis', async () => {
    await expect(openRedisCache({ url: 'http://127.0.0.1' }, createContext())).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
  })
})

describe('a server with a cache in Redis', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fivefold-cache-'))
    const graph = createTypedGraph({ name: 'double' })
    graph.output(
      'y',
      graph.node('Mul', [graph.input('x', 'float', ['rows', 1]), graph.initializer('two', floats([2]))]),
    )
    await writeFile(join(folder, 'double.onnx'), encodeModel(graph.build()))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function serve(): Promise<RunningServer> {
    const models = [{ path: join(folder, 'double.onnx') }]
    const server = await serveModels({ models, redisCache: { url: redis.url }, context: createContext() })
    opened.push(server.close)
    return server
  }

  const ask = async ({ url }: RunningServer): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    const reply = await fetch(`${url}/predict`, { method: 'POST', headers, body: '{"inputs":{"x":[[21]]}}' })
    return ((await reply.json()) as { outputs: { y: { data: unknown } } }).outputs.y.data
  }
  const hits = async ({ url }: RunningServer): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text()
    return Number(/fivefold_cache_requests_total\{[^}]*result="hit"\} (\d+)/.exec(text)?.[1] ?? 0)
  }

  it('answers what another server was asked', async () => {
    const [first, second] = [await serve(), await serve()]
    while ((await hits(second)) === 0) {
      expect(await ask(first)).toEqual([42])
      expect(await ask(second)).toEqual([42])
    }
  })

  it('starts and answers without it', async () => {
    await redis.close()
    const server = await serve()
    expect(await ask(server)).toEqual([42])
    expect(await hits(server)).toBe(0)
    redis = await startFakeRedis()
  })
})
