import type { FastifyInstance } from 'fastify'
import { FivefoldError } from '../../../core/index.ts'
import type { ServingContext } from '../server/serving-context.ts'
import type { Operations } from './operations.ts'
import { HISTORY_SPANS, type HistorySpan, type ModelOperations, type OperationsReport } from './operations-report.ts'
import { OPERATIONS_SCHEMA, SLO_SCHEMA } from './operations-schemas.ts'

/** What the routes ask, of this process or of the one that looks after all of them. */
export type OperationsSource = Pick<Operations, 'report'>

/** How the server does, as JSON for dashboards. */
export function addOperationsRoutes(app: FastifyInstance, serving: ServingContext, operations: OperationsSource): void {
  app.get<{ Querystring: { history?: unknown } }>('/operations', { schema: OPERATIONS_SCHEMA }, async ({ query }) =>
    operationsReport(await operations.report(spanOf(query.history)), serving),
  )
  app.get('/slo', { schema: SLO_SCHEMA }, async () => {
    const { slo } = await operations.report('none')
    if (slo) return slo
    throw Object.assign(new Error('the server was started without an objective'), { statusCode: 404 })
  })
}

function spanOf(asked: unknown = '10m'): HistorySpan {
  const span = HISTORY_SPANS.find((one) => one === asked)
  if (span !== undefined) return span
  throw new FivefoldError('REQUEST_INVALID', `history is one of ${HISTORY_SPANS.join(', ')}`)
}

/** Versions that are there, whether they were asked or not, then those that have gone within the hour. */
function operationsReport(
  { models: counted, ...measured }: Awaited<ReturnType<Operations['report']>>,
  { repository, ready }: ServingContext,
): OperationsReport {
  const statuses = repository.statuses()
  const stateOf = ({ name, version }: Pick<ModelOperations, 'name' | 'version'>): ModelOperations['state'] =>
    statuses.find((one) => one.name === name && one.version === version)?.state ?? 'gone'
  const known = counted.map((model) => ({ ...model, state: stateOf(model) }))
  return {
    ...{ ...measured, isReady: ready() },
    models: known.filter(({ state, windows }) => state !== 'gone' || windows['1h'].requests + windows['1h'].rows > 0),
  }
}
