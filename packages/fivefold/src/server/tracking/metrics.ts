import { z } from 'zod'
import type { MetricPoint, TrackingStore } from '../../track/index.ts'
import { runFields, runIdOf } from './runs.ts'
import { toWireMetric } from './to-wire.ts'
import { type WireRoute, wireRoute } from './wire-route.ts'
import { int64, list, nextPage, pageFields, toPageRequest, wireDouble } from './wire-types.ts'

const MAX_RUNS = 100
const MAX_SAMPLES = 2500

const stepRange = { start_step: int64.optional(), end_step: int64.optional() }

const toRange = (range: { start_step?: number | undefined; end_step?: number | undefined }): object => ({
  ...(range.start_step !== undefined && { fromStep: range.start_step }),
  ...(range.end_step !== undefined && { toStep: range.end_step }),
})

export function metricRoutes(store: TrackingStore): WireRoute[] {
  return [
    wireRoute({
      method: 'GET',
      path: '/metrics/get-history',
      input: z.object({ ...runFields, ...pageFields, metric_key: z.string().min(1) }),
      async handle({ metric_key, max_results, page_token, ...run }) {
        const runId = runIdOf(run)
        // Clients that name no size expect everything.
        if (max_results === undefined && page_token === undefined)
          return { metrics: (await store.metricHistory(runId, metric_key)).map(toWireMetric) }
        const page = await store.metricHistoryPage(runId, metric_key, toPageRequest({ max_results, page_token }))
        return { metrics: page.items.map(toWireMetric), ...nextPage(page) }
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/metrics/get-history-bulk',
      input: z.object({ run_id: list(z.string()), metric_key: z.string().min(1) }),
      async handle({ run_id, metric_key }) {
        const points = await forEachRun(run_id, (id) => store.metricHistory(id, metric_key))
        return { metrics: points }
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/metrics/get-history-bulk-interval',
      input: z.object({
        run_ids: list(z.string()).pipe(z.array(z.string()).min(1).max(MAX_RUNS)),
        metric_key: z.string().min(1),
        ...stepRange,
        max_results: int64.pipe(z.number().min(1).max(MAX_SAMPLES)).default(320),
      }),
      async handle({ run_ids, metric_key, max_results, ...range }) {
        const sampling = { ...toRange(range), limit: max_results }
        return { metrics: await forEachRun(run_ids, (id) => store.sampleMetric(id, metric_key, sampling)) }
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/metrics/get-history-buckets',
      input: z.object({ ...runFields, metric_key: z.string().min(1), ...stepRange, buckets: int64.default(1000) }),
      async handle({ metric_key, buckets, start_step, end_step, ...run }) {
        const range = { ...toRange({ start_step, end_step }), buckets }
        const found = await store.metricBuckets(runIdOf(run), metric_key, range)
        return {
          buckets: found.map(({ fromStep, toStep, count, min, max, mean }) => ({
            from_step: fromStep,
            to_step: toStep,
            count,
            min: wireDouble(min),
            max: wireDouble(max),
            mean: wireDouble(mean),
          })),
        }
      },
    }),
  ]
}

async function forEachRun(ids: readonly string[], read: (id: string) => Promise<MetricPoint[]>): Promise<object[]> {
  const metrics: object[] = []
  for (const run_id of ids) for (const point of await read(run_id)) metrics.push({ ...toWireMetric(point), run_id })
  return metrics
}
