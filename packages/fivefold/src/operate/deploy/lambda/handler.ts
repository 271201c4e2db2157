import { createContext, type Logger } from '../../../core/index.ts'
import { openPortless } from '../../serving/server/serve-models.ts'
import { type HttpResult, readHttpEvent } from './http-event.ts'

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

/** Takes the events of function URLs and of API Gateway: HTTP APIs (payload format 2.0) and REST APIs (1.0). */
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
  const { app, stop } = await openPortless({ models: [{ path: bundle, version }], context })
  context.signal.addEventListener('abort', () => void stop(), { once: true })
  return async (event) => {
    const { method, path, headers, body } = readHttpEvent(event)
    const {
      statusCode,
      headers: answered,
      rawPayload,
    } = await app.inject({
      // A type of its own for a handful of methods; the router answers others with 404 or 405.
      method: method as 'POST',
      url: path,
      headers,
      payload: body,
    })
    return toResult(statusCode, answered, rawPayload)
  }
}

/** Of the connection to the server, not of the answer. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date'])

type AnswerHeaders = Readonly<Record<string, number | string | readonly string[] | undefined>>

function toResult(statusCode: number, answered: AnswerHeaders, body: Buffer): HttpResult {
  const isText = /^(?:text\/|application\/json)/.test(String(answered['content-type'] ?? 'text/'))
  const headers = Object.entries(answered).filter(([name]) => !HOP_BY_HOP.has(name))
  return {
    statusCode,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    body: body.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  }
}
