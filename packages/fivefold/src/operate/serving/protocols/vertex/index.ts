import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import {
  answerOf,
  contentOf,
  INFERENCE_REFUSALS,
  objectOf,
  openRefusalsOf,
  refusalsOf,
  TEXT,
} from '../../wire/describe-route.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { answerErrorsAs, answerInference, readAnyBody } from '../protocol-routes.ts'
import { decodeInstances } from '../values/instances.ts'
import { STRICT_JSON } from '../values/json-of-tensor.ts'
import { isObject, parseBody } from '../values/parse-body.ts'
import { encodeRows } from '../values/predictions.ts'
import { examplesOf, instancesSchema, predictionSchema } from '../values/value-schemas.ts'

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

export interface VertexOptions extends ServingContext {
  readonly vertex: VertexRoutes
}

/** A container of Vertex AI, for the default model; `rewriteVertexUrl` has to lead here. */
export async function addVertex(app: FastifyInstance, serving: VertexOptions): Promise<void> {
  const { repository, limits, ready, vertex, example } = serving
  answerErrorsAs(({ message }) => ({ error: message }), app, serving)
  readAnyBody(app)
  app.get(PATHS.health, { schema: HEALTH, config: { publicPath: vertex.health } }, async (_request, reply) =>
    reply.code(ready() ? 200 : 503).send({ ready: ready() }),
  )
  const predict = { schema: predictSchema(example), config: { publicPath: vertex.predict } }
  app.post(PATHS.predict, predict, async (request, reply) => {
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

const tags = ['vertex ai']
const ERROR = objectOf({ error: TEXT })
const READY = objectOf({ ready: { type: 'boolean' } })
const HEALTH = {
  ...{ tags, summary: 'Whether predictions can be asked for' },
  response: {
    ...{ 200: answerOf('They can.', READY), 503: answerOf('The server is stopping.', READY) },
    ...openRefusalsOf(ERROR, [415, 500]),
  },
}

function predictSchema(example: Servable | undefined): object {
  const instances = instancesSchema(example)
  const body = objectOf({ instances, 'parameters?': { type: 'object', maxProperties: 0 } })
  const predictions = { type: 'array', items: predictionSchema(example) }
  return {
    ...{ tags, summary: 'Predict with the default model' },
    body: contentOf({ ...body, ...examplesOf(example, (instance) => ({ instances: [instance] })) }),
    response: {
      200: answerOf('One entry for each instance.', objectOf({ predictions })),
      ...refusalsOf(ERROR, INFERENCE_REFUSALS),
    },
  }
}
