import { realpath } from 'node:fs/promises'
import { isAbsolute, relative, sep } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import type { ModelRepository, ModelStatus } from '../../runtime/model-repository.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { parseJson } from '../../wire/parse-json.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { type PageQuery, pageOf } from '../model-pages.ts'
import { answerErrorsAs, readAnyBody } from '../protocol-routes.ts'
import { torchServeError } from '../torchserve/error-form.ts'
import { isObject } from '../values/parse-body.ts'
import { invoke } from './invoke.ts'
import { endpointSchema, invokeSchema } from './route-schemas.ts'

export interface MultiModelOptions extends ServingContext {
  /** Folder below which SageMaker lays models down; nothing outside is loaded. */
  readonly modelRoot: string
}

interface ModelParams {
  readonly model: string
}

/** What SageMaker asks of a container of a multi-model endpoint: load, list, unload and invoke models by name. */
export async function addSageMakerModels(app: FastifyInstance, options: MultiModelOptions): Promise<void> {
  const { repository, example } = options
  answerErrorsAs(torchServeError, app, options)
  readAnyBody(app)
  app.post('/models', { schema: endpointSchema('load') }, async (request, reply) => {
    const { name, url } = readLoad(bodyOf(request))
    if (statusesOf(repository, name).length > 0)
      throw new FivefoldError('STORE_CONFLICT', `model '${name}' is loaded already`)
    return loadModel(name, await insideRoot(url, options.modelRoot), repository).catch((thrown: unknown) => {
      if (!isOutOfMemory(thrown)) throw thrown
      return reply.code(507).send(torchServeError({ message: `no memory for model '${name}'` }, 507))
    })
  })
  app.get<{ Querystring: PageQuery }>('/models', { schema: endpointSchema('list') }, async ({ query }) =>
    pageOf(repository.statuses(), query),
  )
  app.get<{ Params: ModelParams }>(
    '/models/:model',
    { schema: endpointSchema('describe', example) },
    async ({ params: { model } }) => {
      if (statusesOf(repository, model).length === 0) throw notFound(model)
      return { modelName: model, modelUrl: model }
    },
  )
  app.delete<{ Params: ModelParams }>(
    '/models/:model',
    { schema: endpointSchema('unload', example) },
    async ({ params: { model } }) => {
      if (statusesOf(repository, model).length === 0) throw notFound(model)
      await repository.unload(model)
      return { status: `Model "${model}" unregistered` }
    },
  )
  app.post<{ Params: ModelParams }>('/models/:model/invoke', { schema: invokeSchema(example) }, (request, reply) =>
    invoke(request, reply, repository.endpoint(request.params.model), options),
  )
}

const statusesOf = (repository: ModelRepository, model: string): ModelStatus[] =>
  repository.statuses().filter(({ name, state }) => name === model && state !== 'failed')

const notFound = (model: string): FivefoldError =>
  new FivefoldError('MODEL_NOT_FOUND', `model '${model}' is not loaded`)

const LOAD_BOUNDS = { containers: 10, elements: 10, keys: 20, names: 20 } as const

function readLoad(body: Buffer): { name: string; url: string } {
  const request = parseJson(body, LOAD_BOUNDS)
  const { model_name: name, url } = isObject(request) ? request : {}
  if (typeof name === 'string' && name !== '' && typeof url === 'string' && url !== '') return { name, url }
  throw new FivefoldError('REQUEST_INVALID', 'expecting {"model_name": "...", "url": "..."}')
}

async function loadModel(name: string, path: string, repository: ModelRepository): Promise<object> {
  await repository.load({ path, name })
  return { status: `Model "${name}" registered` }
}

/** The real path of a model, links followed. @throws MODEL_NOT_FOUND, REQUEST_INVALID for what lies elsewhere */
async function insideRoot(url: string, root: string): Promise<string> {
  const absent = (cause: unknown): never => {
    throw new FivefoldError('MODEL_NOT_FOUND', `no model at '${url.slice(0, 200)}'`, { cause })
  }
  const path = await realpath(url.replace(/^file:\/\//, '')).catch(absent)
  const inside = relative(await realpath(root).catch(absent), path)
  if (inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)) return path
  throw new FivefoldError('REQUEST_INVALID', `models are loaded from below '${root}' only`)
}

/** What the runtime and Node say when memory is at its end. */
function isOutOfMemory(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if (/bad_alloc|allocation failed|out of memory|failed to allocate|ENOMEM/i.test(error.message)) return true
  return false
}
