import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ServingContext } from '../../server/serving-context.ts'
import { answerErrorsAs, readAnyBody } from '../protocol-routes.ts'
import { torchServeError } from '../torchserve/error-form.ts'
import { invoke } from './invoke.ts'
import { invocationsSchema } from './route-schemas.ts'

export { addSageMakerModels } from './multi-model.ts'

/** SageMaker's `POST /invocations`; `addPing` answers its health check. */
export async function addSageMaker(app: FastifyInstance, options: ServingContext): Promise<void> {
  answerErrorsAs(torchServeError, app, options)
  readAnyBody(app)
  app.post('/invocations', { schema: invocationsSchema(options.example) }, (request, reply) =>
    invoke(request, reply, options.repository.endpoint(targetModel(request)), options),
  )
}

/** The model of a multi-model endpoint that a request is for; the default model without the header. */
function targetModel({ headers }: FastifyRequest): string | undefined {
  const target = headers['x-amzn-sagemaker-target-model']
  return Array.isArray(target) ? target[0] : target
}
