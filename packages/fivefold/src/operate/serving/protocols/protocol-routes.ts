import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FivefoldError } from '../../../core/index.ts'
import type { Servable, Tensors } from '../model/servable.ts'
import { createPartTimer } from '../requests/request-record.ts'
import type { ModelEndpoint } from '../runtime/model-repository.ts'
import { inferOptionsOf } from '../server/request-signal.ts'
import type { ServingContext } from '../server/serving-context.ts'
import { logDefect, sayRetry, toReplyError } from '../wire/error-reply.ts'

/** What a protocol makes of a request for a model: its tensors, and how their answer is written. */
export interface DecodedRequest {
  readonly feeds: Tensors
  encode(outputs: Tensors, signal: AbortSignal): string | Promise<string>
}

/** Decodes, runs and encodes a request, each part measured; it leaves the queue when its sender goes away. */
export async function answerInference(
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: ModelEndpoint,
  { metrics }: ServingContext,
  decode: (model: Servable) => DecodedRequest,
): Promise<string> {
  const { model } = endpoint
  const endPart = createPartTimer(metrics, model, request.record)
  const startMs = performance.now()
  const decoded = decode(model)
  endPart('decode', startMs)
  const options = inferOptionsOf(request, reply)
  const outputs = await endpoint.infer(decoded.feeds, options)
  const answeredMs = performance.now()
  const text = await decoded.encode(outputs, options.signal)
  endPart('encode', answeredMs)
  return text
}

/** The body of an error, in the form of a protocol. */
export type ErrorForm = (error: FivefoldError, status: number) => object

/** Answers every error of the routes of `app` in the form of their protocol. Rows that do not fit are a bad request there. */
export function answerErrorsAs(form: ErrorForm, app: FastifyInstance, { context }: ServingContext): void {
  app.setErrorHandler((thrown, request, reply) => {
    logDefect(thrown, request, context)
    const { status: found, error } = toReplyError(thrown)
    const status = found === 422 ? 400 : found
    sayRetry(reply, status)
    return reply.code(status).send(form(error, status))
  })
}

/** Bodies of any content type come as bytes; clients of these protocols often send none, or a wrong one. */
export function readAnyBody(app: FastifyInstance): void {
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}
