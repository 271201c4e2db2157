import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Author, DeploymentRecord } from '../../rollout/index.ts'
import { parsedAs } from '../../rollout/policy/traffic-policy.ts'
import { parseJson } from '../wire/parse-json.ts'
import { bodyOf } from '../wire/raw-body.ts'
import {
  authorSchema,
  CHANGE_BOUNDS,
  deploymentSchema,
  OUTCOMES_BOUNDS,
  outcomesSchema,
  promoteSchema,
  updateSchema,
} from './deployment-schemas.ts'
import type { Deployments } from './deployments.ts'

interface Named {
  readonly Params: { readonly name: string }
}

/**
 * Looking at deployments and reporting outcomes, for everyone who may predict; changing, promoting and rolling back only where
 * `canManage`. What is not known (the mean of nothing, an open end of an interval) is null.
 */
export function addDeploymentRoutes(app: FastifyInstance, deployments: Deployments, canManage: boolean): void {
  const [first] = deployments.names()
  const example = first === undefined ? undefined : deployments.get(first).deployment.record()
  app.get('/deployments', { schema: deploymentSchema('list') }, async () => ({ deployments: deployments.names() }))
  app.get<Named>('/deployments/:name', { schema: deploymentSchema('show', example) }, async (request) => {
    const { deployment, endpoint } = deployments.get(request.params.name)
    return { ...deployment.report(), shadows: endpoint.shadows() }
  })
  app.get<Named>('/deployments/:name/history', { schema: deploymentSchema('history', example) }, async (request) => ({
    versions: await deployments.get(request.params.name).deployment.history(),
  }))
  app.get<Named>('/deployments/:name/report', { schema: deploymentSchema('page', example) }, async (request, reply) => {
    const { deployment, endpoint } = deployments.get(request.params.name)
    const page = { report: deployment.report(), history: await deployment.history(), shadows: endpoint.shadows() }
    // Charts are loaded where somebody looks at the page: a server that only answers has no use for them.
    const { renderDeploymentHtml } = await import('../../rollout/report/render-deployment.ts')
    return reply.type('text/html; charset=utf-8').send(renderDeploymentHtml(page))
  })
  app.post('/outcomes', { schema: deploymentSchema('outcomes') }, (request) => {
    const sent = parseJson(bodyOf(request), OUTCOMES_BOUNDS)
    return recordOutcomes(parsedAs(outcomesSchema, sent, 'the outcomes', 'REQUEST_INVALID'), deployments)
  })
  if (canManage) addManagementRoutes(app, deployments, example)
}

function addManagementRoutes(
  app: FastifyInstance,
  deployments: Deployments,
  example: DeploymentRecord | undefined,
): void {
  const path = '/deployments/:name'
  app.put<Named>(path, { schema: deploymentSchema('update', example) }, async (request) => {
    const { deployment } = deployments.get(request.params.name)
    const { spec, expectedVersion, ...by } = changeOf(updateSchema, request, 'the change')
    return deployment.update(spec, by, expectedVersion)
  })
  app.post<Named>(`${path}/promote`, { schema: deploymentSchema('promote', example) }, async (request) => {
    const { deployment } = deployments.get(request.params.name)
    const { variant, ...by } = changeOf(promoteSchema, request, 'the promotion')
    return deployment.promote(by, variant)
  })
  app.post<Named>(`${path}/rollback`, { schema: deploymentSchema('rollback', example) }, async (request) => {
    const { deployment } = deployments.get(request.params.name)
    const by: Author = changeOf(authorSchema, request, 'the roll-back')
    return deployment.rollBack(by)
  })
}

const changeOf = <T>(schema: z.ZodType<T>, request: FastifyRequest, what: string): T =>
  parsedAs(schema, parseJson(bodyOf(request), CHANGE_BOUNDS), what, 'REQUEST_INVALID')

/** Those that no deployment remembers are named, so that one of them does not hold up the others. */
async function recordOutcomes(
  { outcomes }: z.infer<typeof outcomesSchema>,
  deployments: Deployments,
): Promise<{ recorded: number; unknown: readonly string[] }> {
  const recorded = await Promise.all(
    outcomes.map(async ({ requestId, ...outcome }) => {
      const holder = deployments.names().find((name) => deployments.get(name).deployment.remembers(requestId))
      if (holder === undefined) return requestId
      await deployments.get(holder).deployment.recordOutcome(requestId, outcome)
      return undefined
    }),
  )
  const unknown = recorded.filter((requestId) => requestId !== undefined)
  return { recorded: outcomes.length - unknown.length, unknown }
}
