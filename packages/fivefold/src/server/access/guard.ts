import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { allows, credentialsOf, isFromElsewhere, TRACKING_SCOPES, type TrackingScope } from '../../access/index.ts'
import type { TrackingStore } from '../../track/index.ts'
import { sendWireError } from '../tracking/wire-error.ts'

export interface GuardOptions {
  readonly store: TrackingStore
  /** Whether callers need a token. */
  readonly tokens: boolean
  /** Names that browsers may use for this server; undefined for any. */
  readonly hosts: ReadonlySet<string> | undefined
}

/**
 * Who may call: holders of a token with the scope of the route, where tokens are asked for. Without tokens only requests
 * whose Host is this machine are answered, so that a page elsewhere cannot reach in through a name that it makes point
 * here. Writes that a browser sends from a page of another origin are always refused.
 */
export function guardRequests(app: FastifyInstance, options: GuardOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    const { hosts, store, tokens } = options
    if (hosts && !hosts.has(request.hostname.toLowerCase()))
      return refuse(reply, `this server does not answer for the host '${request.hostname.slice(0, 100)}'`)
    if (isWrite(request) && isFromElsewhere(request.headers))
      return refuse(reply, 'a page of another origin may not write here')
    const scope = request.routeOptions.config.scope ?? 'admin'
    if (!tokens || scope === 'none' || request.is404) return undefined
    const token = credentialsOf(request.headers.authorization)?.token
    const holder = token === undefined ? undefined : await store.findToken(token)
    if (!holder) {
      void reply.header('www-authenticate', 'Basic realm="fivefold"')
      return sendWireError(reply, 'UNAUTHENTICATED', 'a token is needed: Authorization: Bearer, or as the password')
    }
    if (allows<TrackingScope>(TRACKING_SCOPES, holder.scope, scope as TrackingScope)) return undefined
    return refuse(reply, `the token '${holder.name}' allows ${holder.scope}; this needs ${scope}`)
  })
}

const refuse = (reply: FastifyReply, message: string): FastifyReply =>
  sendWireError(reply, 'PERMISSION_DENIED', message)

const isWrite = ({ method }: FastifyRequest): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method)
