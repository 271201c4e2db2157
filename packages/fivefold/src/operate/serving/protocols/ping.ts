import type { FastifyInstance } from 'fastify'
import type { ServingContext } from '../server/serving-context.ts'

/** `GET /ping`, in words that TorchServe's clients look for; SageMaker looks at the status alone. */
export async function addPing(app: FastifyInstance, { ready }: ServingContext): Promise<void> {
  const schema = { tags: ['system'], summary: 'Health as TorchServe and SageMaker ask for it' }
  app.get('/ping', { schema }, async (_request, reply) => {
    if (ready()) return { status: 'Healthy' }
    return reply.code(503).send({ status: 'Unhealthy' })
  })
}
