import type { FastifyInstance } from 'fastify'
import type { Context } from '../../core/index.ts'
import type { TrackingStore } from '../../track/index.ts'
import { artifactProxy } from './artifact-proxy.ts'
import { artifactRoutes } from './artifacts.ts'
import { experimentRoutes } from './experiments.ts'
import { loggedModelRoutes } from './logged-models.ts'
import { metricRoutes } from './metrics.ts'
import { modelVersionRoutes } from './model-versions.ts'
import { ownRoutes } from './own-routes.ts'
import { registeredModelRoutes } from './registered-models.ts'
import { runLoggingRoutes } from './run-logging.ts'
import { runRoutes } from './runs.ts'
import { traceRoutes } from './traces.ts'
import { answerError, sendWireError } from './wire-error.ts'
import { addWireRoutes } from './wire-route.ts'

export interface TrackingPluginOptions {
  readonly store: TrackingStore
  readonly context: Context
}

/**
 * The newest MLflow whose calls are all answered here. Clients ask for it before they use what later servers added; from
 * 3.4 on they would send spans by OTLP instead of as an artifact.
 */
const SPOKEN_VERSION = '3.3.0'

/** MLflow's REST API over a store: `/api/2.0/mlflow`, `/api/3.0/mlflow`, the artifact proxy; also under `/ajax-api`. */
export async function trackingPlugin(app: FastifyInstance, { store, context }: TrackingPluginOptions): Promise<void> {
  app.setErrorHandler((thrown, request, reply) => answerError(context, thrown, request, reply))
  app.setNotFoundHandler((request, reply) =>
    sendWireError(reply, 'ENDPOINT_NOT_FOUND', `No API found for '${request.method} ${request.url.slice(0, 200)}'`),
  )
  addWireRoutes(app, [
    ...experimentRoutes(store),
    ...runRoutes(store),
    ...runLoggingRoutes(store),
    ...metricRoutes(store),
    ...artifactRoutes(store),
    ...registeredModelRoutes(store),
    ...modelVersionRoutes(store),
    ...loggedModelRoutes(store),
    ...traceRoutes(store),
    ...ownRoutes(store),
  ])
  await app.register(artifactProxy, { store })
  const open = { config: { scope: 'none' as const } }
  app.get('/health', open, async (_request, reply) => reply.type('text/plain').send('OK'))
  app.get('/version', open, async (_request, reply) => reply.type('text/plain').send(SPOKEN_VERSION))
}
