import type { FastifyInstance } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import type { ModelState, ModelStatus } from '../../runtime/model-repository.ts'
import type { ModelManagement, ServingContext } from '../../server/serving-context.ts'
import { exampleOfLoaded } from '../../wire/describe-route.ts'
import { type PageQuery, pageOf } from '../model-pages.ts'
import { answerErrorsAs, readAnyBody } from '../protocol-routes.ts'
import { torchServeError } from './error-form.ts'
import { managementSchema } from './route-schemas.ts'

interface ModelParams {
  readonly model: string
  readonly version?: string
}

interface RegisterQuery {
  readonly url?: string
  readonly model_name?: string
}

/**
 * TorchServe's management interface. Models are loaded from what the server was told of, never from a URL, and all processes
 * of the server answer for all models, so that scaling workers changes nothing and says so.
 */
export async function addTorchServeManagement(
  app: FastifyInstance,
  options: ServingContext & { readonly management: ModelManagement },
): Promise<void> {
  const { repository, management } = options
  const examples = exampleOfLoaded(repository)
  answerErrorsAs(torchServeError, app, options)
  readAnyBody(app)
  app.post<{ Querystring: RegisterQuery }>(
    '/models',
    { schema: managementSchema('register', [], examples) },
    async ({ query }) => {
      const name = nameToLoad(query)
      await management.load(name)
      const { version } = repository.endpoint(name).model
      return { status: `Model "${name}" Version: ${version} registered` }
    },
  )
  app.get<{ Querystring: PageQuery }>('/models', { schema: managementSchema('list') }, async ({ query }) =>
    pageOf(repository.statuses(), query),
  )
  for (const names of [['model'], ['model', 'version']] as const) {
    const path = `/models/${names.map((name) => `:${name}`).join('/')}`
    const schemaOf = (of: Parameters<typeof managementSchema>[0]): object => managementSchema(of, names, examples)
    app.get<{ Params: ModelParams }>(path, { schema: schemaOf('describe') }, async ({ params }) =>
      describe(params, options),
    )
    app.put<{ Params: ModelParams }>(path, { schema: schemaOf('scale') }, async ({ params }) => {
      find(params, options)
      return {
        status: `Model "${params.model}" is answered by every process of the server; workers are not set by model`,
      }
    })
    app.delete<{ Params: ModelParams }>(path, { schema: schemaOf('unregister') }, async ({ params }) => {
      await management.unload(params.model, params.version)
      return { status: `Model "${params.model}" unregistered` }
    })
  }
}

/** The name that is given, or that of the archive, as TorchServe does. */
function nameToLoad({ url, model_name }: RegisterQuery): string {
  const name =
    model_name ??
    url
      ?.split('/')
      .at(-1)
      ?.replace(/\.(mar|onnx)$/, '')
  if (name) return name
  throw new FivefoldError('REQUEST_INVALID', 'Parameter url is required.')
}

function find({ model, version }: ModelParams, { repository }: ServingContext): ModelStatus[] {
  const statuses = repository.statuses().filter(({ name }) => name === model)
  if (statuses.length === 0) throw new FivefoldError('MODEL_NOT_FOUND', `Model not found: ${model}`)
  if (version === undefined) return statuses.slice(-1)
  const found = version === 'all' ? statuses : statuses.filter((status) => status.version === version)
  if (found.length > 0) return found
  throw new FivefoldError('MODEL_NOT_FOUND', `Model version: ${version} does not exist for model: ${model}`)
}

const WORKER_STATES: Record<ModelState, string> = {
  loading: 'LOADING',
  ready: 'READY',
  unloading: 'UNLOADING',
  failed: 'FAILED',
}

function describe(params: ModelParams, options: ServingContext): object[] {
  return find(params, options).map(({ name, version, state }) => ({
    modelName: name,
    modelVersion: version,
    modelUrl: name,
    engine: 'ONNX',
    runtime: 'onnxruntime',
    minWorkers: 1,
    maxWorkers: 1,
    workers: [{ id: String(process.pid), status: WORKER_STATES[state], gpu: false }],
  }))
}
