import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'
import type { Author } from '../../rollout/deployment/deployment.ts'
import type { Deployments } from '../../rollout/deployment/deployments.ts'
import { parsedAs } from '../../rollout/policy/traffic-policy.ts'
import { bodyOf } from '../wire/raw-body.ts'

interface Named {
  readonly Params: { readonly name: string }
}

const author = { by: z.string().min(1).max(200), reason: z.string().max(2000).default('') }
const authorSchema = z.strictObject(author)
const promoteSchema = z.strictObject({ ...author, variant: z.string().exactOptional() })
const updateSchema = z.strictObject({
  ...author,
  spec: z.unknown(),
  expectedVersion: z.number().int().positive().exactOptional(),
})
const outcomesSchema = z.strictObject({
  outcomes: z
    .array(
      z.strictObject({
        requestId: z.string().min(1).max(200),
        name: z.string(),
        value: z.number(),
        covariate: z.number().exactOptional(),
      }),
    )
    .min(1)
    .max(10_000),
})

/**
 * Looking at deployments and reporting outcomes, for everyone who may predict; changing, promoting and rolling back only where
 * `canManage`. What is not known (the mean of nothing, an open end of an interval) is null.
 */
export function addDeploymentRoutes(app: FastifyInstance, deployments: Deployments, canManage: boolean): void {
  const tags = ['deployments']
  app.get('/deployments', { schema: { tags, summary: 'Names of the deployments' } }, async () => ({
    deployments: deployments.names(),
  }))
  app.get<Named>(
    '/deployments/:name',
    { schema: { tags, summary: 'A deployment with what was learned' } },
    async (request) => {
      const { deployment, endpoint } = deployments.get(request.params.name)
      return { ...deployment.report(), shadows: endpoint.shadows() }
    },
  )
  app.get<Named>(
    '/deployments/:name/history',
    { schema: { tags, summary: 'All versions, oldest first' } },
    async (request) => ({
      versions: await deployments.get(request.params.name).deployment.history(),
    }),
  )
  app.get<Named>(
    '/deployments/:name/report',
    { schema: { tags, summary: 'The report as a page' } },
    async (request, reply) => {
      const { deployment, endpoint } = deployments.get(request.params.name)
      const page = { report: deployment.report(), history: await deployment.history(), shadows: endpoint.shadows() }
      // Charts are loaded where somebody looks at the page: a server that only answers has no use for them.
      const { renderDeploymentHtml } = await import('../../rollout/report/render-deployment.ts')
      return reply.type('text/html; charset=utf-8').send(renderDeploymentHtml(page))
    },
  )
  app.post('/outcomes', { schema: { tags, summary: 'What came of answered requests' } }, (request) =>
    recordOutcomes(parsedAs(outcomesSchema, jsonOf(request), 'the outcomes', 'REQUEST_INVALID'), deployments),
  )
  if (canManage) addManagementRoutes(app, deployments)
}

function addManagementRoutes(app: FastifyInstance, deployments: Deployments): void {
  const tags = ['deployments']
  app.put<Named>('/deployments/:name', { schema: { tags, summary: 'Change a deployment' } }, async (request) => {
    const { deployment } = deployments.get(request.params.name)
    const { spec, expectedVersion, ...by } = parsedAs(updateSchema, jsonOf(request), 'the change', 'REQUEST_INVALID')
    return deployment.update(spec, by, expectedVersion)
  })
  app.post<Named>(
    '/deployments/:name/promote',
    { schema: { tags, summary: 'Give everything to a variant' } },
    async (request) => {
      const { deployment } = deployments.get(request.params.name)
      const { variant, ...by } = parsedAs(promoteSchema, jsonOf(request), 'the promotion', 'REQUEST_INVALID')
      return deployment.promote(by, variant)
    },
  )
  app.post<Named>(
    '/deployments/:name/rollback',
    { schema: { tags, summary: 'Back to what was before' } },
    async (request) => {
      const { deployment } = deployments.get(request.params.name)
      const by: Author = parsedAs(authorSchema, jsonOf(request), 'the roll-back', 'REQUEST_INVALID')
      return deployment.rollBack(by)
    },
  )
}

function jsonOf(request: FastifyRequest): unknown {
  try {
    return JSON.parse(bodyOf(request).toString('utf8'))
  } catch (thrown) {
    throw new FivefoldError('REQUEST_INVALID', 'the body is not JSON', { cause: thrown })
  }
}

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
