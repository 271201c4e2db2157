import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'

/** Payload format 2.0, as far as it is read. */
const httpEventSchema = z.object({
  version: z.literal('2.0'),
  rawPath: z.string().startsWith('/'),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    requestId: z.string().optional(),
    stage: z.string().default('$default'),
    http: z.object({ method: z.string() }),
  }),
})

type HttpEvent = z.infer<typeof httpEventSchema>

/** Payload format 1.0: paths are without their stage, and names that come more than once are in lists. */
const restEventSchema = z.object({
  httpMethod: z.string(),
  path: z.string().startsWith('/'),
  multiValueQueryStringParameters: z.record(z.string(), z.array(z.string())).nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({ requestId: z.string().optional() }),
})

/** A request as it goes to the server. */
export interface HttpRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface HttpResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** @throws REQUEST_INVALID where the event is no HTTP request */
export function readHttpEvent(event: unknown): HttpRequest {
  const parsed = httpEventSchema.safeParse(event).data ?? ofRestApi(restEventSchema.safeParse(event).data)
  if (!parsed) throw new FivefoldError('REQUEST_INVALID', 'the event is no HTTP request of payload format 2.0 or 1.0')
  const body = Buffer.from(parsed.body ?? '', parsed.isBase64Encoded ? 'base64' : 'utf8')
  return { ...methodAndPath(parsed), headers: requestHeaders(parsed), body }
}

function ofRestApi(event: z.infer<typeof restEventSchema> | undefined): HttpEvent | undefined {
  if (!event) return undefined
  const { httpMethod: method, path: rawPath, headers, body, isBase64Encoded, requestContext } = event
  const query = new URLSearchParams()
  for (const [key, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    for (const value of values) query.append(key, value)
  return {
    ...{ version: '2.0', rawPath, headers: headers ?? {}, body: body ?? '', isBase64Encoded },
    rawQueryString: query.toString(),
    requestContext: { ...requestContext, stage: '$default', http: { method } },
  }
}

/** The path without the name of the stage, which API Gateway puts before it. */
function methodAndPath({ rawPath, rawQueryString, requestContext }: HttpEvent): {
  method: string
  path: string
} {
  const { stage, http } = requestContext
  const prefix = `/${stage}`
  const isPrefixed = stage !== '$default' && (rawPath === prefix || rawPath.startsWith(`${prefix}/`))
  const path = isPrefixed ? rawPath.slice(prefix.length) || '/' : rawPath
  return { method: http.method, path: encodePath(rawQueryString === '' ? path : `${path}?${rawQueryString}`) }
}

/** The platform hands paths over decoded; a request line takes visible ASCII alone. */
const encodePath = (path: string): string =>
  path.replace(/[^\x21-\x7e]+/g, (text) => Buffer.from(text).toString('hex').replace(/../g, '%$&'))

/** Of the caller's connection, not of the request; the length follows from the body. */
const NOT_FORWARDED = new Set(['connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade', 'host'])

/** Whatever else there is would not go over a wire, either. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** The platform's request id is the id of the answer and of the log, where the caller sends none. */
function requestHeaders({ headers, requestContext }: HttpEvent): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const forwarded = Object.fromEntries(
    entries.filter(([name, value]) => !NOT_FORWARDED.has(name) && /^[\w-]+$/.test(name) && HEADER_VALUE.test(value)),
  )
  const { requestId } = requestContext
  return { ...(requestId !== undefined && { 'x-request-id': requestId }), ...forwarded }
}
