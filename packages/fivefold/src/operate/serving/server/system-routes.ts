import type { FastifyInstance } from 'fastify'
import type { MetricSnapshot } from '../metrics/metric-registry.ts'
import { METRICS_CONTENT_TYPE, mergeMetrics, renderMetrics } from '../metrics/render-metrics.ts'
import { DOCS_PAGE, DOCS_POLICY } from './docs-page.ts'
import type { ServingContext } from './serving-context.ts'

/** What is counted here and, where there are several processes, in the others. */
export type GatherMetrics = () => Promise<readonly (readonly MetricSnapshot[])[]>

const STATUS_SCHEMA = { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] }

/** Health for orchestrators, metrics for Prometheus. */
export function addSystemRoutes(
  app: FastifyInstance,
  { ready: isReady }: ServingContext,
  gatherMetrics: GatherMetrics,
): void {
  const json = (description: string): object => ({
    description,
    content: { 'application/json': { schema: STATUS_SCHEMA } },
  })
  const live = { tags: ['system'], summary: 'Whether the process answers', response: { 200: json('It does.') } }
  app.get('/healthz', { schema: live }, async () => ({ status: 'ok' }))
  const ready = {
    tags: ['system'],
    summary: 'Whether predictions can be asked for',
    response: { 200: json('They can.'), 503: json('The server is stopping.') },
  }
  app.get('/readyz', { schema: ready }, async (_request, reply) => {
    if (isReady()) return { status: 'ready' }
    return reply.code(503).send({ status: 'stopping' })
  })
  const text = { description: 'The Prometheus text format.', content: { 'text/plain': { schema: { type: 'string' } } } }
  const measured = { tags: ['system'], summary: 'Metrics for Prometheus', response: { 200: text } }
  app.get('/metrics', { schema: measured }, async (_request, reply) => {
    reply.type(METRICS_CONTENT_TYPE)
    return renderMetrics(mergeMetrics(await gatherMetrics()))
  })
}

/** The API's description, and a page that shows it and tries it out. */
export function addDocumentationRoutes(app: FastifyInstance): void {
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  app.get('/docs', { schema: { hide: true } }, async (_request, reply) => {
    reply.type('text/html; charset=utf-8').header('content-security-policy', DOCS_POLICY)
    return DOCS_PAGE
  })
  app.get('/', { schema: { hide: true } }, async (request, reply) => {
    // Azure ML asks here whether the container lives, and wants no page.
    if (request.headers.accept?.includes('text/html')) return reply.redirect('/docs')
    return reply.type('text/plain; charset=utf-8').send('Healthy')
  })
}
