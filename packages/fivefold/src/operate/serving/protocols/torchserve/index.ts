import type { FastifyInstance } from 'fastify'
import type { ServingContext } from '../../server/serving-context.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { answerErrorsAs, answerInference, readAnyBody } from '../protocol-routes.ts'
import { decodeEnvelope, encodeAnswer } from '../values/envelopes.ts'
import { parseBody } from '../values/parse-body.ts'
import { torchServeError } from './error-form.ts'

export { addTorchServeManagement } from './management.ts'

interface ModelParams {
  readonly model: string
  readonly version?: string
}

/** TorchServe's inference interface, but for its health check, which `addPing` answers. */
export async function addTorchServe(app: FastifyInstance, serving: ServingContext): Promise<void> {
  answerErrorsAs(torchServeError, app, serving)
  readAnyBody(app)
  for (const path of ['/predictions/:model', '/predictions/:model/:version'])
    app.post<{ Params: ModelParams }>(path, { schema: { hide: true } }, async (request, reply) => {
      const endpoint = serving.repository.endpoint(request.params.model, request.params.version)
      const text = await answerInference(request, reply, endpoint, serving, (model) => {
        const body = parseBody(bodyOf(request), model, serving.limits.rows)
        const { form, feeds } = decodeEnvelope(body, model, ['instances', 'data'])
        return { feeds, encode: (outputs) => encodeAnswer(outputs, model, form) }
      })
      return reply.type('application/json').send(text)
    })
}
