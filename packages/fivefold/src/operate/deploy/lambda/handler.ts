import { type IncomingMessage, request } from 'node:http'
import { createContext, FivefoldError, type Logger } from '../../../core/index.ts'
import { serveBundle } from '../../serving/server/serve-models.ts'
import { type HttpEvent, type HttpResult, httpEventSchema, methodAndPath, requestHeaders } from './http-event.ts'

export interface LambdaOptions {
  /** Folder of the bundle. */
  readonly bundle: string
  /** Version to report. Default '1'. */
  readonly version?: string
  /** Ends it; for programs that do something else afterwards. The platform ends a function by itself. */
  readonly signal?: AbortSignal
}

/** The platform keeps what goes to stderr; a cold start is in its own log. */
const LOG: Logger = {
  debug: () => {},
  info: () => {},
  warn: (message, fields) => console.error(JSON.stringify({ level: 'warn', message, ...fields })),
}

/** Takes the events of function URLs and of API Gateway's HTTP APIs (payload format 2.0). */
export type LambdaHandler = (event: unknown) => Promise<HttpResult>

/**
 * Loads a bundle and answers events with it, over every route of the server: a function answers as a server does, errors
 * and documentation included. Call it outside of the handler, where the platform gives a start the most time.
 *
 * @throws MODEL_NOT_FOUND, BUNDLE_INVALID, BUNDLE_VERSION; the handler REQUEST_INVALID for events that are no HTTP request
 */
export async function createLambdaHandler(options: LambdaOptions): Promise<LambdaHandler> {
  const { bundle, version = '1', signal } = options
  const context = createContext({ log: LOG, ...(signal && { signal }) })
  const { port } = await serveBundle({ bundle, version, context })
  return async (event) => {
    const parsed = httpEventSchema.safeParse(event)
    if (!parsed.success)
      throw new FivefoldError('REQUEST_INVALID', 'the event is no HTTP request of payload format 2.0')
    return toResult(await forward(parsed.data, port))
  }
}

/**
 * A connection for every event: between events the platform freezes the process, and a connection that was kept would
 * have timed out for the server but not for the client.
 */
function forward(event: HttpEvent, port: number): Promise<IncomingMessage> {
  const { method, path } = methodAndPath(event)
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
  return new Promise((resolve, reject) => {
    const headers = { ...requestHeaders(event), 'content-length': body.length }
    request({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve).on('error', reject).end(body)
  })
}

/** Of the connection to the server, not of the answer. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date'])

async function toResult(response: IncomingMessage): Promise<HttpResult> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const isText = /^(?:text\/|application\/json)/.test(response.headers['content-type'] ?? 'text/')
  const headers = Object.entries(response.headers).filter(([name]) => !HOP_BY_HOP.has(name))
  return {
    statusCode: response.statusCode!,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    body: body.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  }
}
