import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { explanationTexts } from '../../explain/encode-explanations.ts'
import { explainRows, requireExplainable } from '../../explain/explain-rows.ts'
import type { Tensors } from '../../model/servable.ts'
import type { ModelEndpoint } from '../../runtime/model-repository.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { answerErrorsAs, answerInference, type DecodedRequest, readAnyBody } from '../protocol-routes.ts'
import { type AnswerForm, decodeEnvelope, encodeAnswer } from '../values/envelopes.ts'
import { parseBody } from '../values/parse-body.ts'
import { torchServeError } from './error-form.ts'
import { inferenceSchema } from './route-schemas.ts'

export { addTorchServeManagement } from './management.ts'

interface ModelParams {
  readonly model: string
  readonly version?: string
}

type ModelRequest = FastifyRequest<{ Params: ModelParams }>

/** TorchServe's inference interface, but for its health check, which `addPing` answers. */
export async function addTorchServe(app: FastifyInstance, serving: ServingContext): Promise<void> {
  answerErrorsAs(torchServeError, app, serving)
  readAnyBody(app)
  const answerWith =
    (encoding: Encoding) =>
    async (request: ModelRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const endpoint = serving.repository.endpoint(request.params.model, request.params.version)
      const text = await answerInference(request, reply, endpoint, serving, (model) => {
        const body = parseBody(bodyOf(request), model, serving.limits.rows)
        const { form, feeds } = decodeEnvelope(body, model, ['instances', 'data'])
        return { feeds, encode: encoding(endpoint, feeds, form, serving) }
      })
      return reply.type('application/json').send(text)
    }
  const { example, repository } = serving
  // Versions that take turns are not explained.
  const examples = { predictions: example, explanations: example && repository.endpoint().probe && example }
  const routes = { predictions: answerWith(predictions), explanations: answerWith(explanations) }
  for (const [name, handler] of Object.entries(routes))
    for (const names of [['model'], ['model', 'version']] as const) {
      const path = `/${name}/${names.map((part) => `:${part}`).join('/')}`
      const schema = inferenceSchema(name as keyof typeof routes, names, examples[name as keyof typeof routes])
      app.post<{ Params: ModelParams }>(path, { schema }, handler)
    }
}

type Encoding = (
  endpoint: ModelEndpoint,
  feeds: Tensors,
  form: AnswerForm,
  serving: ServingContext,
) => DecodedRequest['encode']

const predictions: Encoding =
  ({ model }, _feeds, form) =>
  (outputs) =>
    encodeAnswer(outputs, model, form)

/** What handlers answer here is up to them; ours answer what `POST /predict?explain=true` says of each row. */
const explanations: Encoding = (endpoint, feeds, form, { limits: { timeoutMs } }) => {
  const { table } = endpoint.model
  requireExplainable(endpoint, table, feeds)
  return async (answer, signal) => {
    const texts = explanationTexts(await explainRows(endpoint, table!, { feeds, answer, timeoutMs, signal }))
    if (form === 'one') return texts[0]!
    return form === 'list' ? `[${texts.join()}]` : `{"explanations":[${texts.join()}]}`
  }
}
