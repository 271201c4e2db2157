import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { type Context, FivefoldError, LOOPBACK_HOSTS, listenError, reachableHost } from '../core/index.ts'
import type { TrackingStore } from '../track/index.ts'
import { type ConsoleHome, consolePlugin } from '../web-console/index.ts'
import { guardRequests } from './access/guard.ts'
import { parseServingAddresses, type ServingAddress } from './serving/serving-address.ts'
import { servingPlugin } from './serving/serving-plugin.ts'
import { trackingPlugin } from './tracking/tracking-plugin.ts'

export interface ServeTrackingOptions {
  /** The caller closes it. */
  readonly store: TrackingStore
  readonly context: Context
  /** Default 127.0.0.1: only this machine, without a login. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** Lets everyone on the network in, without a token. */
  readonly openToAll?: boolean
  /** Servers of models that the console shows; callers reach these through here and no others. */
  readonly serving?: ServingOptions
}

export interface ServingOptions {
  /** Such as `http://10.0.0.4:8080`. */
  readonly addresses: readonly string[]
  /** Bearer token that those servers ask for. */
  readonly token?: string
}

export interface RunningTrackingServer {
  /** Without a trailing slash. */
  readonly url: string
  readonly port: number
  /** Takes no new requests, answers those in flight, then frees the port. */
  close(): Promise<void>
}

/**
 * Serves a tracking store to MLflow's clients. On an address that other machines reach, callers need a token of the store;
 * without any token, and without `openToAll`, it does not start. Stops when `context.signal` aborts.
 *
 * @throws PORT_IN_USE, OPTION_INVALID
 */
export async function serveTracking(options: ServeTrackingOptions): Promise<RunningTrackingServer> {
  const { host = '127.0.0.1', port = 0, context, store, openToAll = false, serving } = options
  const isLocal = LOOPBACK_HOSTS.has(host)
  if (!isLocal && !openToAll && (await store.listTokens()).length === 0)
    throw new FivefoldError('OPTION_INVALID', `${host} is reachable from other machines, and the store has no tokens`, {
      remedy: 'Make one with `fivefold tokens add NAME --scope write`, or pass --open-to-all.',
    })
  const tokens = !isLocal && !openToAll
  const app = await createTrackingApp({
    ...{ store, context, tokens },
    ...(isLocal && { hosts: LOOPBACK_HOSTS }),
    ...(serving && { serving }),
  })
  await listen(app, host, port)
  const bound = (app.server.address() as AddressInfo).port
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    context.signal.removeEventListener('abort', onAbort)
    closed ??= app.close()
    return closed
  }
  const onAbort = (): void => void close()
  context.signal.addEventListener('abort', onAbort, { once: true })
  if (context.signal.aborted) await close()
  return { url: `http://${reachableHost(host)}:${bound}`, port: bound, close }
}

const BODY_LIMIT_BYTES = 10_000_000

export interface TrackingAppOptions {
  readonly store: TrackingStore
  readonly context: Context
  readonly tokens: boolean
  readonly hosts?: ReadonlySet<string>
  readonly serving?: ServingOptions
}

/** The server without its socket. */
export async function createTrackingApp({
  store,
  context,
  tokens,
  hosts,
  serving = { addresses: [] },
}: TrackingAppOptions): Promise<FastifyInstance> {
  const addresses = parseServingAddresses(serving.addresses)
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    keepAliveTimeout: 72_000,
    requestIdHeader: false,
    genReqId: () => randomUUID().replaceAll('-', ''),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2000 },
    logger: false,
  })
  app.removeContentTypeParser('text/plain')
  guardRequests(app, { store, tokens, hosts })
  await app.register(trackingPlugin, { store, context })
  await app.register(servingPlugin, { ...serving, addresses })
  await app.register(consolePlugin, { home: homeOf(addresses), config: { scope: 'read' } })
  await app.ready()
  return app
}

const homeOf = (addresses: readonly ServingAddress[]): ConsoleHome => ({
  hasTracking: true,
  servers: addresses.map(({ id }) => ({ id, base: `serving/${encodeURIComponent(id)}/` })),
})

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (thrown) {
    await app.close()
    throw listenError(thrown, host, port)
  }
}
