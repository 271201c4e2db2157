import { z } from 'zod'
import type { AuditEntry, TrackingStore } from '../../track/index.ts'
import { type WireRoute, wireRoute } from './wire-route.ts'
import { int64 } from './wire-types.ts'

const MOST_ENTRIES = 1000

/** What MLflow's API does not tell, under `/api/2.0/fivefold`. */
export function ownRoutes(store: TrackingStore): WireRoute[] {
  return [
    wireRoute({
      api: 'fivefold',
      method: 'GET',
      path: '/experiments/run-counts',
      input: z.object({}),
      async handle() {
        const counts = await store.countRuns()
        return { experiments: [...counts].map(([experiment_id, run_count]) => ({ experiment_id, run_count })) }
      },
    }),
    wireRoute({
      api: 'fivefold',
      method: 'GET',
      path: '/registered-models/audit',
      input: z.object({
        name: z.string().optional(),
        max_results: int64.pipe(z.number().min(1).max(MOST_ENTRIES)).default(MOST_ENTRIES),
      }),
      /** Newest first. */
      async handle({ name, max_results }) {
        const entries = await store.auditTrail(name)
        return { entries: entries.slice(-max_results).reverse().map(toWireEntry) }
      },
    }),
  ]
}

const toWireEntry = ({ timestampMs, action, model, details }: AuditEntry): object => ({
  timestamp: timestampMs,
  action,
  name: model,
  details,
})
