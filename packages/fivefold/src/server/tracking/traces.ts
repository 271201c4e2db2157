import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import type { TraceInfo, TrackingStore } from '../../track/index.ts'
import { toTrace, toWireTrace, traceInfo, traceLocations } from './trace-wire.ts'
import { type WireRoute, wireRoute } from './wire-route.ts'
import { int64, list, nextPage, searchFields, toSearchQuery } from './wire-types.ts'

const MAX_TRACE_BYTES = 32_000_000

const version = '3.0' as const
const byId = z.object({ trace_id: z.string() })
const span = z.looseObject({ span_id: z.string().optional(), spanId: z.string().optional() })

export function traceRoutes(store: TrackingStore): WireRoute[] {
  return [
    wireRoute({
      method: 'POST',
      path: '/traces',
      version,
      bodyLimit: MAX_TRACE_BYTES,
      input: z.object({ trace: z.object({ trace_info: traceInfo, spans: z.array(span).default([]) }) }),
      async handle({ trace: { trace_info: info, spans } }) {
        await store.putTrace(toTrace(info, experimentOf(info.trace_location)))
        const parts = spans.map(
          (one, index) => [one.span_id ?? one.spanId ?? String(index), JSON.stringify(one)] as const,
        )
        if (parts.length > 0) await store.putSpans(info.trace_id, new Map(parts))
        return { trace: { trace_info: toWireTrace(await store.getTrace(info.trace_id)) } }
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/traces/search',
      version,
      scope: 'read',
      input: z.object({ ...searchFields, locations: traceLocations }),
      async handle({ locations, ...query }) {
        const experimentIds = locations.map(experimentOf)
        const page = await store.searchTraces({ ...toSearchQuery(query), experimentIds })
        return { traces: page.items.map(toWireTrace), ...nextPage(page) }
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/traces/get',
      version,
      input: byId,
      handle: async ({ trace_id }) => ({ trace: await withSpans(store, await store.getTrace(trace_id)) }),
    }),
    wireRoute({
      method: 'GET',
      path: '/traces/batchGet',
      version,
      input: z.object({ trace_ids: list(z.string()) }),
      async handle({ trace_ids }) {
        const traces = await store.getTraces(trace_ids)
        return { traces: await Promise.all(traces.map((trace) => withSpans(store, trace))) }
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/traces/batchGetInfos',
      version,
      scope: 'read',
      input: z.object({ trace_ids: list(z.string()) }),
      handle: async ({ trace_ids }) => ({ trace_infos: (await store.getTraces(trace_ids)).map(toWireTrace) }),
    }),
    wireRoute({
      method: 'GET',
      path: '/traces/:trace_id',
      version,
      input: byId,
      handle: async ({ trace_id }) => ({ trace: { trace_info: toWireTrace(await store.getTrace(trace_id)) } }),
    }),
    ...(['2.0', '3.0'] as const).flatMap((both) => changeRoutes(store, both)),
    ...assessmentRoutes(store),
  ]
}

/** Clients of either MLflow call these under the older version of the API, and some under the newer. */
function changeRoutes(store: TrackingStore, version: '2.0' | '3.0'): WireRoute[] {
  return [
    wireRoute({
      method: 'POST',
      path: '/traces/delete-traces',
      version,
      input: z.object({
        experiment_id: z.string(),
        max_timestamp_millis: int64.optional(),
        max_traces: int64.optional(),
        request_ids: list(z.string()),
      }),
      async handle({ experiment_id, max_timestamp_millis: untilMs, max_traces: limit, request_ids: ids }) {
        if (untilMs === undefined && ids.length === 0)
          throw new FivefoldError('OPTION_INVALID', 'Either `max_timestamp_millis` or `request_ids` must be specified.')
        const which = {
          ...(untilMs !== undefined && { untilMs }),
          ...(limit !== undefined && { limit }),
          ...(ids.length > 0 && { ids }),
        }
        return { traces_deleted: await store.deleteTraces(experiment_id, which) }
      },
    }),
    wireRoute({
      method: 'PATCH',
      path: '/traces/:trace_id/tags',
      version,
      input: byId.extend({ key: z.string().min(1).max(250), value: z.string().max(8000).default('') }),
      async handle({ trace_id, key, value }) {
        await store.setTraceTag(trace_id, key, value)
        return {}
      },
    }),
    wireRoute({
      method: 'DELETE',
      path: '/traces/:trace_id/tags',
      version,
      input: byId.extend({ key: z.string() }),
      async handle({ trace_id, key }) {
        await store.deleteTraceTag(trace_id, key)
        return {}
      },
    }),
  ]
}

function experimentOf(location: z.output<typeof traceLocations>[number]): string {
  const id = location.mlflow_experiment?.experiment_id
  if (id !== undefined) return id
  throw new FivefoldError('OPTION_INVALID', 'only traces in an experiment are kept here')
}

async function withSpans(store: TrackingStore, trace: TraceInfo): Promise<object> {
  const spans = await store.readSpans(trace.id)
  return { trace_info: toWireTrace(trace), spans: spans.map((one) => JSON.parse(one) as object) }
}

const assessment = z.looseObject({ assessment_name: z.string().min(1).max(250) })

function assessmentRoutes(store: TrackingStore): WireRoute[] {
  const named = byId.extend({ assessment_id: z.string() })
  const write = async (traceId: string, id: string, content: object): Promise<object> => {
    const kept = { ...content, trace_id: traceId, assessment_id: id }
    await store.putAssessment(traceId, id, JSON.stringify(kept))
    return { assessment: kept }
  }
  return [
    wireRoute({
      method: 'POST',
      path: '/traces/:trace_id/assessments',
      version,
      input: byId.extend({ assessment }),
      async handle({ trace_id, assessment: given }, { request }) {
        const now = new Date().toISOString()
        return write(trace_id, `a-${request.id}`, { create_time: now, last_update_time: now, valid: true, ...given })
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/traces/:trace_id/assessments/:assessment_id',
      version,
      input: named,
      async handle({ trace_id, assessment_id }) {
        return { assessment: JSON.parse(await store.getAssessment(trace_id, assessment_id)) as object }
      },
    }),
    wireRoute({
      method: 'PATCH',
      path: '/traces/:trace_id/assessments/:assessment_id',
      version,
      input: named.extend({ assessment: assessment.partial(), update_mask: z.string().optional() }),
      async handle({ trace_id, assessment_id, assessment: given, update_mask }) {
        const before = JSON.parse(await store.getAssessment(trace_id, assessment_id)) as object
        const masked = update_mask
          ?.split(',')
          .map((path) => path.replace(/^assessment\./, '').replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`))
        const changes = Object.entries(given).filter(([key]) => !masked || masked.includes(key))
        const last_update_time = new Date().toISOString()
        return write(trace_id, assessment_id, { ...before, ...Object.fromEntries(changes), last_update_time })
      },
    }),
    wireRoute({
      method: 'DELETE',
      path: '/traces/:trace_id/assessments/:assessment_id',
      version,
      input: named,
      async handle({ trace_id, assessment_id }) {
        await store.deleteAssessment(trace_id, assessment_id)
        return {}
      },
    }),
  ]
}
