import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ModelEndpoint } from '../../runtime/model-repository.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { answerInference } from '../protocol-routes.ts'
import { decodeInvocation, encodeInvocation } from './invocation.ts'
import { acceptedType, contentType } from './media-types.ts'

/** Answers an invocation of a model. Fails with status 415 and 406 for content that is not spoken. */
export async function invoke(
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: ModelEndpoint,
  serving: ServingContext,
): Promise<FastifyReply> {
  const sent = contentType(request.headers['content-type'])
  const accepted = acceptedType(request.headers.accept, sent)
  const text = await answerInference(request, reply, endpoint, serving, (model) => {
    const { form, feeds } = decodeInvocation(bodyOf(request), sent, model, serving.limits.rows)
    return { feeds, encode: (outputs) => encodeInvocation(outputs, accepted, model, form) }
  })
  return reply.type(accepted).send(text)
}
