import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { answerErrorsAs, answerInference, readAnyBody } from '../protocol-routes.ts'
import { decodeInstances } from '../values/instances.ts'
import { STRICT_JSON } from '../values/json-of-tensor.ts'
import { isObject, parseBody } from '../values/parse-body.ts'
import { encodeRows } from '../values/predictions.ts'

/** Where Vertex AI looks for a container's answers. */
export interface VertexRoutes {
  readonly health: string
  readonly predict: string
}

/** The routes that Vertex AI gives its containers; undefined elsewhere. */
export function vertexRoutes(environment: Readonly<Record<string, string | undefined>>): VertexRoutes | undefined {
  const { AIP_HEALTH_ROUTE: health, AIP_PREDICT_ROUTE: predict } = environment
  return health && predict ? { health, predict } : undefined
}

/** Paths of our own, since those that Vertex AI gives may be taken (`/predict`) or mean something to the router (`:predict`). */
const PATHS: VertexRoutes = { health: '/vertex/health', predict: '/vertex/predict' }

/** Leads requests for Vertex AI's routes to those of `addVertex`. */
export function rewriteVertexUrl({
  health,
  predict,
}: VertexRoutes): (request: Pick<IncomingMessage, 'method' | 'url'>) => string {
  return ({ method, url = '/' }) => {
    const path = url.split('?', 1)[0]
    if (method === 'GET' && path === health) return PATHS.health
    return method === 'POST' && path === predict ? PATHS.predict : url
  }
}

/** A container of Vertex AI, for the default model; `rewriteVertexUrl` has to lead here. */
export async function addVertex(app: FastifyInstance, serving: ServingContext): Promise<void> {
  const { repository, limits, ready } = serving
  answerErrorsAs(({ message }) => ({ error: message }), app, serving)
  readAnyBody(app)
  const schema = { hide: true }
  app.get(PATHS.health, { schema }, async (_request, reply) => reply.code(ready() ? 200 : 503).send({ ready: ready() }))
  app.post(PATHS.predict, { schema }, async (request, reply) => {
    const text = await answerInference(request, reply, repository.endpoint(), serving, (model) => ({
      feeds: decodeVertex(bodyOf(request), model, limits.rows),
      encode: (outputs) => `{"predictions":${encodeRows(outputs, model, STRICT_JSON)}}`,
    }))
    return reply.type('application/json').send(text)
  })
}

/** `{"instances": [...], "parameters"?: {}}`. Models here have no parameters, so that any is a mistake. */
function decodeVertex(body: Buffer, model: Servable, rows: number): Tensors {
  const { value: request, limits } = parseBody(body, model, rows)
  if (!isObject(request)) throw new FivefoldError('REQUEST_INVALID', 'the body is not an object with instances')
  const [parameter] = Object.keys(request.parameters ?? {})
  if (parameter !== undefined)
    throw new FivefoldError('REQUEST_INVALID', `the model takes no parameter '${parameter.slice(0, 100)}'`)
  return decodeInstances(request.instances, model, limits)
}
