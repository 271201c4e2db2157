import type { FastifyInstance } from 'fastify'
import type { MetricSnapshot } from '../metrics/metric-registry.ts'
import { METRICS_CONTENT_TYPE, mergeMetrics, renderMetrics } from '../metrics/render-metrics.ts'
import { ERROR_SCHEMA } from '../protocols/predict/model-schema.ts'
import { answerOf, objectOf, openRefusalsOf, refusalsOf, TEXT } from '../wire/describe-route.ts'
import { DOCS_PAGE, DOCS_POLICY } from './docs-page.ts'
import type { ServingContext } from './serving-context.ts'

/** What is counted here and, where there are several processes, in the others. */
export type GatherMetrics = () => Promise<readonly (readonly MetricSnapshot[])[]>

const tags = ['system']
const STATUS = objectOf({ status: TEXT })
/** What every route may be refused with, whatever it does. */
const REFUSALS = refusalsOf(ERROR_SCHEMA, [415, 500])
const OPEN_REFUSALS = openRefusalsOf(ERROR_SCHEMA, [415, 500])

/** Health for orchestrators, metrics for Prometheus. */
export function addSystemRoutes(
  app: FastifyInstance,
  { ready: isReady }: ServingContext,
  gatherMetrics: GatherMetrics,
): void {
  const live = {
    tags,
    summary: 'Whether the process answers',
    response: { 200: answerOf('It does.', STATUS), ...OPEN_REFUSALS },
  }
  app.get('/healthz', { schema: live }, async () => ({ status: 'ok' }))
  const ready = {
    ...{ tags, summary: 'Whether predictions can be asked for' },
    response: {
      200: answerOf('They can.', STATUS),
      503: answerOf('The server is stopping.', STATUS),
      ...OPEN_REFUSALS,
    },
  }
  app.get('/readyz', { schema: ready }, async (_request, reply) => {
    if (isReady()) return { status: 'ready' }
    return reply.code(503).send({ status: 'stopping' })
  })
  const measured = {
    ...{ tags, summary: 'Metrics for Prometheus' },
    response: { 200: answerOf('The Prometheus text format.', TEXT, 'text/plain'), ...REFUSALS },
  }
  app.get('/metrics', { schema: measured }, async (_request, reply) => {
    reply.type(METRICS_CONTENT_TYPE)
    return renderMetrics(mergeMetrics(await gatherMetrics()))
  })
}

/** The API's description, and a page that shows it and tries it out. */
export function addDocumentationRoutes(app: FastifyInstance): void {
  const described = {
    ...{ tags, summary: 'This description' },
    response: { 200: answerOf('OpenAPI 3.1.', { type: 'object' }), ...REFUSALS },
  }
  app.get('/openapi.json', { schema: described }, async () => app.swagger())
  const page = {
    ...{ tags, summary: 'This description as a page' },
    response: { 200: answerOf('The page.', TEXT, 'text/html'), ...REFUSALS },
  }
  app.get('/docs', { schema: page }, async (_request, reply) => {
    reply.type('text/html; charset=utf-8').header('content-security-policy', DOCS_POLICY)
    return DOCS_PAGE
  })
  const root = {
    ...{ tags, summary: 'Liveness as Azure ML asks for it; leads browsers to the page' },
    response: {
      200: answerOf('It lives.', { const: 'Healthy' }, 'text/plain'),
      302: { description: 'To the page, where HTML is accepted.', type: 'null' },
      ...OPEN_REFUSALS,
    },
  }
  app.get('/', { schema: root }, async (request, reply) => {
    // Azure ML asks here whether the container lives, and wants no page.
    if (request.headers.accept?.includes('text/html')) return reply.redirect('/docs')
    return reply.type('text/plain; charset=utf-8').send('Healthy')
  })
}
