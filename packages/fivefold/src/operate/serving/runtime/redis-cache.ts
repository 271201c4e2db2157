import { type Context, FivefoldError } from '../../../core/index.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import type { SharedCache } from './shared-cache.ts'
import { bytesOfTensors, tensorsOfBytes } from './tensor-bytes.ts'

export interface RedisCacheOptions {
  /** `redis://` or `rediss://`, with user and password where the server wants them. */
  readonly url: string
  /** How long an answer is kept. Default 3600. */
  readonly ttlSeconds?: number
}

const DEFAULT_TTL_SECONDS = 3600
/** A cache that is slower than this is slower than most models. */
const TIMEOUT_MS = 50
const BREAKER = { timeoutMs: TIMEOUT_MS, mostFailures: 5, pauseMs: 5000 }
const RECONNECT_MS = 1000
/** Larger answers are computed again. */
const MAX_ANSWER_BYTES = 1 << 20
/** Another number whenever the bytes of an answer mean something else. */
const PREFIX = 'fivefold:1:'

/**
 * Answers in Redis, shared by all processes and machines that serve the same models. Nothing that Redis does or does not do makes
 * a request fail: after five failures in a row it is left alone for five seconds, and answers are computed.
 *
 * @throws OPTION_INVALID for what is no URL of Redis, or where its client is not installed
 */
export async function openRedisCache(options: RedisCacheOptions, context: Context): Promise<SharedCache> {
  const { url, ttlSeconds = DEFAULT_TTL_SECONDS } = options
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
    throw new FivefoldError('OPTION_INVALID', 'the address of the cache does not begin with redis:// or rediss://')
  const { createClient, RESP_TYPES } = await loadClient()
  const client = createClient({
    url,
    // What waits for a connection would wait longer than a model takes.
    disableOfflineQueue: true,
    socket: { connectTimeout: 2000, reconnectStrategy: RECONNECT_MS },
  })
  const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
  // Without a listener an error of the connection would end the process; the breaker tells of it.
  client.on('error', () => {})
  client.connect().catch(() => {})
  const breaker = createCircuitBreaker({
    ...BREAKER,
    clockMs: () => context.clock.monotonicMs(),
    onPause: (cause) =>
      context.log.warn('the cache does not answer and is left alone for a while', { cause: String(cause) }),
  })
  return {
    async get(key) {
      const found = await breaker.attempt(() => bytes.get(PREFIX + key))
      return found ? whole(found) : undefined
    },
    set(key, answer) {
      const value = bytesOfTensors(answer)
      if (value.length > MAX_ANSWER_BYTES) return
      void breaker.attempt(() => client.set(PREFIX + key, value, { expiration: { type: 'EX', value: ttlSeconds } }))
    },
    async close() {
      // A client that never connected has nothing to end.
      if (client.isOpen) client.destroy()
    },
  }
}

/** What somebody else wrote there is no answer. */
function whole(bytes: Buffer): ReturnType<typeof tensorsOfBytes> | undefined {
  try {
    return tensorsOfBytes(bytes)
  } catch {
    return undefined
  }
}

async function loadClient(): Promise<typeof import('@redis/client')> {
  try {
    return await import('@redis/client')
  } catch (cause) {
    throw new FivefoldError('OPTION_INVALID', 'a cache in Redis needs the package @redis/client', {
      cause,
      remedy: 'Install it beside fivefold: npm install @redis/client',
    })
  }
}
