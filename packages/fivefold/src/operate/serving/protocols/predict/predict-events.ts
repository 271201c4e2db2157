import { once } from 'node:events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import type { TableFace } from '../../model/servable.ts'
import { rowCountOf, sliceTensors } from '../../model/tensor-batches.ts'
import type { PartTimer } from '../../requests/request-record.ts'
import type { InferOptions, ModelEndpoint } from '../../runtime/model-repository.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { jsonOfPredictions } from '../../tables/encode-predictions.ts'
import type { CheckedRows } from '../../tables/row-feeds.ts'
import { errorBody, logDefect, toReplyError } from '../../wire/error-reply.ts'

export const EVENT_STREAM = 'text/event-stream'

/** Rows of an event: some milliseconds of most models. */
const EVENT_ROWS = 256

/** Rows that are asked for, checked, with what it takes to answer them. */
export interface AskedRows {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly endpoint: ModelEndpoint
  readonly table: TableFace
  readonly rows: CheckedRows
  readonly options: InferOptions & { readonly signal: AbortSignal }
  readonly serving: ServingContext
  readonly endPart: PartTimer
}

/**
 * Answers as server-sent events: `rows` with each piece of the answers, `progress`, and at last `done`, or `error` in the form of
 * error bodies. The id of an event is the number of rows answered so far; a request that brings it as `Last-Event-ID` is answered
 * from there on. When the connection closes, nothing more is computed.
 *
 * @throws REQUEST_INVALID for a `Last-Event-ID` that is none, before anything is sent
 */
export async function predictEvents(asked: AskedRows): Promise<FastifyReply> {
  const { request, reply, rows } = asked
  const total = rowCountOf(rows.feeds)
  const start = firstRow(request.headers['last-event-id'], total)
  // From here on the answer is written past the framework.
  reply.hijack()
  const headers = { 'content-type': EVENT_STREAM, 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
  reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...headers })
  try {
    for (let from = start; from < total; from += EVENT_ROWS) await sendPiece(asked, from, total)
    const { name, version } = asked.endpoint.model
    const warnings = rows.warnings.length > 0 ? { warnings: rows.warnings } : {}
    await send(asked, 'done', JSON.stringify({ model: name, version, rows: total, requestId: request.id, ...warnings }))
  } catch (thrown) {
    await sendFailure(asked, thrown)
  }
  reply.raw.end()
  return reply
}

function firstRow(sent: string | string[] | undefined, total: number): number {
  if (sent === undefined) return 0
  if (typeof sent === 'string' && /^\d{1,9}$/.test(sent) && Number(sent) <= total) return Number(sent)
  throw new FivefoldError('REQUEST_INVALID', 'Last-Event-ID is no number of rows of this request')
}

async function sendPiece(asked: AskedRows, from: number, total: number): Promise<void> {
  const { endpoint, table, rows, options } = asked
  const to = Math.min(from + EVENT_ROWS, total)
  const requestId = `${options.requestId}:${from}`
  // Others have a short question, and go before.
  const wanted = { ...options, requestId, isBackground: true }
  const answer = await endpoint.infer(sliceTensors(rows.feeds, from, to), wanted)
  await send(
    asked,
    'rows',
    `{"from":${from},"requestId":${JSON.stringify(requestId)},"predictions":${jsonOfPredictions(answer, table)}}`,
    to,
  )
  await send(asked, 'progress', `{"done":${to},"total":${total}}`)
}

/** Waits where the receiver is slower than the model. */
async function send({ reply, options }: AskedRows, event: string, data: string, id?: number): Promise<void> {
  options.signal.throwIfAborted()
  const head = id === undefined ? '' : `id: ${id}\n`
  if (reply.raw.write(`${head}event: ${event}\ndata: ${data}\n\n`)) return
  await once(reply.raw, 'drain', { signal: options.signal })
}

async function sendFailure(asked: AskedRows, thrown: unknown): Promise<void> {
  const { request, options, serving } = asked
  // Nobody is there to be told.
  if (options.signal.aborted) return
  logDefect(thrown, request, serving.context)
  await send(asked, 'error', JSON.stringify(errorBody(toReplyError(thrown).error, request.id)))
}
