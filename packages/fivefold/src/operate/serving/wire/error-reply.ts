import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type Context, FivefoldError } from '../../../core/index.ts'

/** How an error goes over the wire, outside the Open Inference Protocol, which has a form of its own. */
export interface ErrorBody {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly remedy: string
    readonly issues: readonly { readonly path: readonly (string | number)[]; readonly message: string }[]
    readonly requestId: string
  }
}

export interface ReplyError {
  readonly status: number
  readonly error: FivefoldError
}

/** Anything thrown while a request is served, with its HTTP status. */
export function toReplyError(thrown: unknown): ReplyError {
  if (thrown instanceof FivefoldError) return { status: thrown.httpStatus, error: thrown }
  const framework = thrown as Partial<FastifyError> | null
  if (framework?.code === 'FST_ERR_HANDLER_TIMEOUT')
    return { status: 503, error: new FivefoldError('SERVER_OVERLOADED', 'no answer in time', { cause: thrown }) }
  const status = framework?.statusCode ?? 500
  if (status < 400 || status >= 500) return internal(thrown)
  const code = status === 413 ? 'REQUEST_TOO_LARGE' : 'REQUEST_INVALID'
  return { status, error: new FivefoldError(code, String(framework?.message), { cause: thrown, ...remedyOf(status) }) }
}

function remedyOf(status: number): { remedy: string } | Record<never, never> {
  if (status === 415)
    return { remedy: 'Send one of the types that GET /openapi.json lists, without a content encoding.' }
  if (status === 404) return { remedy: 'GET /docs lists the routes.' }
  return {}
}

/** Details of a defect stay in the log: a message may carry paths or data that are nobody's business. */
function internal(thrown: unknown): ReplyError {
  const known = FivefoldError.from(thrown)
  if (known.code !== 'INTERNAL') return { status: known.httpStatus, error: known }
  return {
    status: 500,
    error: new FivefoldError('INTERNAL', 'the server failed on this request', {
      cause: thrown,
      remedy: 'See the log of the server under the request id.',
    }),
  }
}

export function errorBody(error: FivefoldError, requestId: string): ErrorBody {
  const { code, message, remedy, issues } = error
  return { error: { code, message, remedy, issues, requestId } }
}

const BROKEN_REQUESTS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request did not arrive in time'],
}

/** Answers what is no HTTP request, on its bare socket. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  // Nobody is there any more, an answer is already under way, or what came is no TLS.
  const isLost = error.code === 'ECONNRESET' || (error.code?.startsWith('ERR_SSL') ?? false)
  if (isLost || socket.destroyed || socket.bytesWritten > 0) return void socket.destroy()
  const [status, message] = BROKEN_REQUESTS[error.code ?? ''] ?? ['400 Bad Request', 'this is no HTTP request']
  const requestId = randomUUID()
  const body = JSON.stringify(errorBody(new FivefoldError('REQUEST_INVALID', message), requestId))
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Asks the sender to wait where that helps; whoever knew how long has said so already. */
export function sayRetry(reply: FastifyReply, status: number): void {
  if ((status === 429 || status === 503) && !reply.hasHeader('retry-after')) void reply.header('retry-after', '1')
}

export function sendError(reply: FastifyReply, thrown: unknown, requestId: string): FastifyReply {
  const { status, error } = toReplyError(thrown)
  sayRetry(reply, status)
  return reply.code(status).send(errorBody(error, requestId))
}

/** Defects go to the log with their stack; a sender's mistakes do not fill it. */
export function logDefect(thrown: unknown, request: FastifyRequest, context: Context): void {
  const { status, error } = toReplyError(thrown)
  if (status < 500) return
  const cause = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  context.log.warn('request failed', { requestId: request.id, route: routeOf(request), code: error.code, cause })
}

/** The pattern, not the path: a scanner must not make a time series of each path that it tries. */
export function routeOf(request: FastifyRequest): string {
  const { config, url = 'unmatched' } = request.routeOptions
  return config?.label ?? url
}
