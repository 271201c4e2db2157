import type { FastifyInstance } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import type { Servable } from '../../model/servable.ts'
import type { ModelEndpoint } from '../../runtime/model-repository.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { answerErrorsAs, answerInference, type DecodedRequest, readAnyBody } from '../protocol-routes.ts'
import { decodeExamples, encodeResults } from './examples.ts'
import { statusBody } from './model-status.ts'
import { decodePredict, encodePredict } from './predict.ts'
import { callSchema, METHODS, type ModelPlace, type PredictMethod, questionSchema } from './route-schemas.ts'
import { modelMetadata } from './signature.ts'

/** The version that a label of a model stands for: `{ model: { label: version } }`. */
export type VersionLabels = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface TensorFlowOptions extends ServingContext {
  readonly labels?: VersionLabels
}

interface ModelParams {
  readonly model: string
  readonly version?: string
  readonly label?: string
}

/** What the paths of a model begin with. A name ends at a colon, which the method follows. */
const PLACES: Readonly<Record<ModelPlace, string>> = {
  model: '/v1/models/:model([^/:]+)',
  version: '/v1/models/:model([^/:]+)/versions/:version([^/:]+)',
  label: '/v1/models/:model([^/:]+)/labels/:label([^/:]+)',
}

/** TensorFlow Serving's REST interface: status and metadata of models, and `:predict`, `:classify`, `:regress`. */
export async function addTensorFlowServing(app: FastifyInstance, options: TensorFlowOptions): Promise<void> {
  answerErrorsAs(({ message }) => ({ error: message }), app, options)
  readAnyBody(app)
  for (const [place, path] of Object.entries(PLACES)) addModelRoutes(app, place as ModelPlace, path, options)
  const schema = { hide: true }
  app.get('/v1/models', { schema }, async () => {
    throw new FivefoldError('REQUEST_INVALID', 'Missing model name in request.')
  })
  app.all('/v1/models/*', { schema }, async ({ method, url }) => {
    const path = url.split('?', 1)[0]!
    throw new FivefoldError('REQUEST_INVALID', `Malformed request: ${method} ${path.slice(0, 200)}`)
  })
}

function addModelRoutes(app: FastifyInstance, place: ModelPlace, path: string, options: TensorFlowOptions): void {
  type Routed = { Params: ModelParams }
  const question = (of: 'status' | 'metadata'): object => ({ schema: questionSchema(of, place, options) })
  app.get<Routed>(path, question('status'), async ({ params }) =>
    statusBody(options.repository.statuses(), params.model, versionOf(params, options)),
  )
  app.get<Routed>(`${path}/metadata`, question('metadata'), async ({ params }) =>
    modelMetadata(endpointOf(params, options).model),
  )
  for (const method of METHODS)
    app.post<Routed>(`${path}::${method}`, { schema: callSchema(method, place, options) }, async (request, reply) => {
      const endpoint = endpointOf(request.params, options)
      const text = await answerInference(request, reply, endpoint, options, (model) =>
        decodeCall(bodyOf(request), model, method, options.limits.rows),
      )
      return reply.type('application/json').send(text)
    })
}

function decodeCall(body: Buffer, model: Servable, method: PredictMethod, rows: number): DecodedRequest {
  if (method === 'predict') {
    const { form, feeds } = decodePredict(body, model, rows)
    return { feeds, encode: (outputs) => encodePredict(outputs, model, form) }
  }
  return {
    feeds: decodeExamples(body, model, method, rows),
    encode: (outputs) => encodeResults(outputs, model.table!),
  }
}

const endpointOf = (params: ModelParams, options: TensorFlowOptions): ModelEndpoint =>
  options.repository.endpoint(params.model, versionOf(params, options))

function versionOf({ model, version, label }: ModelParams, { labels = {} }: TensorFlowOptions): string | undefined {
  if (label === undefined) return version
  const ofModel = Object.hasOwn(labels, model) ? labels[model]! : {}
  if (Object.hasOwn(ofModel, label)) return ofModel[label]
  throw new FivefoldError('MODEL_NOT_FOUND', `Unrecognized servable version label: ${label}`)
}
