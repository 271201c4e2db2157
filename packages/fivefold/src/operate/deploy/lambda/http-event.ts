import { z } from 'zod'

/** Payload format 2.0, as far as it is read. */
export const httpEventSchema = z.object({
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

export type HttpEvent = z.infer<typeof httpEventSchema>

export interface HttpResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** The path without the name of the stage, which API Gateway puts before it. */
export function methodAndPath({ rawPath, rawQueryString, requestContext }: HttpEvent): {
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
export function requestHeaders({ headers, requestContext }: HttpEvent): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const forwarded = Object.fromEntries(
    entries.filter(([name, value]) => !NOT_FORWARDED.has(name) && /^[\w-]+$/.test(name) && HEADER_VALUE.test(value)),
  )
  const { requestId } = requestContext
  return { ...(requestId !== undefined && { 'x-request-id': requestId }), ...forwarded }
}
