import type { FastifyReply, FastifyRequest } from 'fastify'
import type { InferOptions } from '../runtime/model-repository.ts'

/** Aborts when the connection closes before the answer is through. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}

/** What a request hands to the endpoint beside its tensors. */
export function inferOptionsOf(
  request: FastifyRequest,
  reply: FastifyReply,
): InferOptions & { readonly signal: AbortSignal } {
  return {
    requestId: request.id,
    record: request.record,
    signal: signalOf(reply),
    headers: request.headers,
    annotate: (name, value) => void reply.header(name, value),
  }
}
