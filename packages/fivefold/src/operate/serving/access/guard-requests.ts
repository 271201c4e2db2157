import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isFromElsewhere } from '../../../access/index.ts'
import { FivefoldError, LOOPBACK_HOSTS } from '../../../core/index.ts'
import { type Admission, type Throttle, type Verdict, waitSeconds } from './admission.ts'
import { type RouteScope, scopeOfRoute } from './route-scopes.ts'

export interface GuardOptions {
  readonly admission: Admission
  /** Whether only this machine reaches the server. */
  readonly isLocal: boolean
}

/** Holds every request against the admission before its body is read. What is refused is answered in the form of its protocol. */
export function guardRequests(app: FastifyInstance, options: GuardOptions): void {
  app.addHook('onRoute', (route) => {
    const scope = scopeOfRoute([route.method].flat()[0]!, route.url)
    if (scope) route.config = { ...route.config, scope }
  })
  app.addHook('onRequest', (request, reply, done) => {
    const scope = scopeNeeded(request)
    const { authorization } = request.headers
    const conclude = (verdict: Verdict): void => done(refusal(verdict, scope, request, reply, options))
    const verdict = options.admission.judge({ authorization, address: request.ip, scope })
    if (verdict instanceof Promise) void verdict.then(conclude)
    else conclude(verdict)
  })
}

/** Of what is not there a stranger hears nothing either. */
const scopeNeeded = (request: FastifyRequest): RouteScope =>
  request.is404 ? 'observe' : ((request.routeOptions.config.scope as RouteScope | undefined) ?? 'admin')

function refusal(
  verdict: Verdict,
  scope: RouteScope,
  request: FastifyRequest,
  reply: FastifyReply,
  options: GuardOptions,
): FivefoldError | undefined {
  if (!('error' in verdict) && request.record && verdict.caller !== undefined) request.record.caller = verdict.caller
  if (!('error' in verdict)) return scope === 'admin' ? foreignChange(verdict, request, options) : undefined
  const { error, throttle } = verdict
  if (throttle) sayThrottled(reply, throttle)
  if (error.code === 'UNAUTHENTICATED') reply.header('www-authenticate', challenges(request))
  if (error.code === 'PERMISSION_DENIED')
    reply.header('www-authenticate', `Bearer realm="fivefold", error="insufficient_scope", scope="${scope}"`)
  return error
}

/** Programs answer the first, browsers the second: a token is the password of any user. */
const challenges = ({ headers }: FastifyRequest): string[] => [
  headers.authorization === undefined ? 'Bearer realm="fivefold"' : 'Bearer realm="fivefold", error="invalid_token"',
  'Basic realm="fivefold"',
]

/** Retry-After, and the fields of draft-ietf-httpapi-ratelimit-headers. */
function sayThrottled(reply: FastifyReply, throttle: Throttle): void {
  const { count, perMs } = throttle.limit
  const seconds = waitSeconds(throttle)
  reply
    .header('retry-after', String(seconds))
    .header('ratelimit-policy', `"caller";q=${count};w=${Math.ceil(perMs / 1000)}`)
    .header('ratelimit', `"caller";r=0;t=${seconds}`)
}

/**
 * What changes the server is not taken from a page of another origin, where a browser sends along what it may: its place on this
 * machine, or a password that it knows. A name that a page makes point at this machine is none of this machine's names.
 */
function foreignChange(
  verdict: Exclude<Verdict, { error: FivefoldError }>,
  request: FastifyRequest,
  { admission, isLocal }: GuardOptions,
): FivefoldError | undefined {
  if (verdict.credentials?.kind === 'bearer') return undefined
  if (isFromElsewhere(request.headers))
    return new FivefoldError('PERMISSION_DENIED', 'a page of another origin may not change what is served here')
  if (!isLocal || admission.asksForTokens || LOOPBACK_HOSTS.has(request.hostname.toLowerCase())) return undefined
  const host = request.hostname.slice(0, 100)
  return new FivefoldError('PERMISSION_DENIED', `changes under the name '${host}' need a token`, {
    remedy: 'Serve with --tokens, or call under a name of this machine.',
  })
}
