import type { FastifyInstance } from 'fastify'
import type { ServingContext } from '../server/serving-context.ts'
import { answerOf, objectOf, openRefusalsOf, TEXT } from '../wire/describe-route.ts'
import { ERROR_SCHEMA } from './predict/model-schema.ts'

/** `GET /ping`, in words that TorchServe's clients look for; SageMaker looks at the status alone. */
export async function addPing(app: FastifyInstance, { ready }: ServingContext): Promise<void> {
  const status = objectOf({ status: TEXT })
  const schema = {
    tags: ['system'],
    summary: 'Health as TorchServe and SageMaker ask for it',
    response: {
      ...{ 200: answerOf('It answers.', status), 503: answerOf('It is stopping.', status) },
      ...openRefusalsOf(ERROR_SCHEMA, [415, 500]),
    },
  }
  app.get('/ping', { schema }, async (_request, reply) => {
    if (ready()) return { status: 'Healthy' }
    return reply.code(503).send({ status: 'Unhealthy' })
  })
}
