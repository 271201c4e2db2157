import type { FastifyInstance } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import type { ModelState, ModelStatus } from '../../runtime/model-repository.ts'
import type { ModelManagement, ServingContext } from '../../server/serving-context.ts'
import { exampleOfLoaded } from '../../wire/describe-route.ts'
import { questionSchema } from './route-schemas.ts'

const STATES: Readonly<Record<ModelState, string>> = {
  loading: 'LOADING',
  ready: 'READY',
  unloading: 'UNLOADING',
  failed: 'UNAVAILABLE',
}

/** Triton's extension: the index for everybody, loading and unloading where the server allows it. */
export function addRepositoryRoutes(app: FastifyInstance, { repository, management }: ServingContext): void {
  const path = '/v2/repository'
  const described = { names: ['model'], examples: exampleOfLoaded(repository) } as const
  app.post(`${path}/index`, { schema: questionSchema('index') }, async () => [
    ...repository.statuses().map(indexEntry),
    ...(await notLoaded(repository.statuses(), management)),
  ])
  type Named = { Params: { readonly model: string } }
  app.post<Named>(`${path}/models/:model/load`, { schema: questionSchema('load', described) }, async ({ params }) => {
    await allowed(management).load(params.model)
    return {}
  })
  app.post<Named>(
    `${path}/models/:model/unload`,
    { schema: questionSchema('unload', described) },
    async ({ params }) => {
      await allowed(management).unload(params.model)
      return {}
    },
  )
}

const indexEntry = ({ name, version, state, reason }: ModelStatus): object => ({
  name,
  version,
  state: STATES[state],
  reason: reason ?? '',
})

async function notLoaded(statuses: readonly ModelStatus[], management?: ModelManagement): Promise<object[]> {
  const names = (await management?.loadable()) ?? []
  const others = names.filter((name) => !statuses.some((status) => status.name === name))
  return others.map((name) => ({ name, version: '', state: 'UNAVAILABLE', reason: 'not loaded' }))
}

function allowed(management: ModelManagement | undefined): ModelManagement {
  if (management) return management
  throw new FivefoldError('REQUEST_INVALID', 'this server does not load or unload models on request', {
    remedy: 'Start it with model management allowed.',
  })
}
