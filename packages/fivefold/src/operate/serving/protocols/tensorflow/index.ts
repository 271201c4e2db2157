import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import type { Servable } from '../../model/servable.ts'
import type { ModelEndpoint } from '../../runtime/model-repository.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { answerErrorsAs, answerInference, type DecodedRequest, readAnyBody } from '../protocol-routes.ts'
import { decodeExamples, encodeResults } from './examples.ts'
import { type ModelPath, type PredictMethod, parseModelPath } from './model-path.ts'
import { statusBody } from './model-status.ts'
import { decodePredict, encodePredict } from './predict.ts'
import { modelMetadata } from './signature.ts'

/** The version that a label of a model stands for: `{ model: { label: version } }`. */
export type VersionLabels = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface TensorFlowOptions extends ServingContext {
  readonly labels?: VersionLabels
}

/** TensorFlow Serving's REST interface: status and metadata of models, and `:predict`, `:classify`, `:regress`. */
export async function addTensorFlowServing(app: FastifyInstance, options: TensorFlowOptions): Promise<void> {
  answerErrorsAs(({ message }) => ({ error: message }), app, options)
  readAnyBody(app)
  const schema = { hide: true }
  const ask = (request: FastifyRequest): object => answerQuestion(parseModelPath('GET', request.url), options)
  app.get('/v1/models', { schema }, async (request) => ask(request))
  app.get('/v1/models/*', { schema }, async (request) => ask(request))
  app.post('/v1/models/*', { schema }, async (request, reply) => {
    const path = parseModelPath('POST', request.url)
    const endpoint = endpointOf(path, options)
    const text = await answerInference(request, reply, endpoint, options, (model) =>
      decodeCall(bodyOf(request), model, path.method ?? 'predict', options.limits.rows),
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

function answerQuestion(path: ModelPath, options: TensorFlowOptions): object {
  const { model } = path
  if (model === undefined) throw new FivefoldError('REQUEST_INVALID', 'Missing model name in request.')
  if (path.isMetadata) return modelMetadata(endpointOf(path, options).model)
  return statusBody(options.repository.statuses(), model, versionOf(path, options))
}

const endpointOf = (path: ModelPath, options: TensorFlowOptions): ModelEndpoint =>
  options.repository.endpoint(path.model, versionOf(path, options))

function versionOf({ model = '', version, label }: ModelPath, { labels = {} }: TensorFlowOptions): string | undefined {
  if (label === undefined) return version
  const ofModel = Object.hasOwn(labels, model) ? labels[model]! : {}
  if (Object.hasOwn(ofModel, label)) return ofModel[label]
  throw new FivefoldError('MODEL_NOT_FOUND', `Unrecognized servable version label: ${label}`)
}
