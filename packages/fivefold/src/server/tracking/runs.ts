import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import type { RunStatus, TrackingStore } from '../../track/index.ts'
import { viewType } from './experiments.ts'
import { toWireRun, toWireRunInfo } from './to-wire.ts'
import { type WireRoute, wireRoute } from './wire-route.ts'
import {
  entityKey,
  int64,
  list,
  nextPage,
  RUN_TAG_LENGTH,
  searchFields,
  tagOf,
  toRecord,
  toSearchQuery,
} from './wire-types.ts'

/** Older clients name the run `run_uuid`; newer ones send both. */
export const runFields = { run_id: z.string().optional(), run_uuid: z.string().optional() }

export function runIdOf({ run_id, run_uuid }: { run_id?: string | undefined; run_uuid?: string | undefined }): string {
  const id = run_id || run_uuid
  if (id) return id
  throw new FivefoldError('OPTION_INVALID', "Missing value for required parameter 'run_id'.")
}

const STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const

export function runRoutes(store: TrackingStore): WireRoute[] {
  return [
    wireRoute({
      method: 'POST',
      path: '/runs/create',
      input: z.object({
        experiment_id: z.string().default('0'),
        user_id: z.string().optional(),
        run_name: z.string().optional(),
        start_time: int64.optional(),
        tags: z.array(tagOf(RUN_TAG_LENGTH)).default([]),
      }),
      async handle({ experiment_id, user_id, run_name, start_time, tags }) {
        const id = await store.createRun({
          experimentId: experiment_id,
          tags: toRecord(tags),
          ...(user_id !== undefined && { user: user_id }),
          ...(run_name && { name: run_name }),
          ...(start_time !== undefined && { startedMs: start_time }),
        })
        return { run: toWireRun(await store.getRun(id)) }
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/runs/update',
      input: z.object({
        ...runFields,
        status: z.enum(STATUSES).optional(),
        end_time: int64.optional(),
        run_name: z.string().optional(),
      }),
      async handle({ status, end_time, run_name, ...run }) {
        const id = runIdOf(run)
        await store.updateRun(id, {
          ...(status !== undefined && { status: status.toLowerCase() as RunStatus }),
          ...(end_time !== undefined && { endedMs: end_time }),
          ...(run_name && { name: run_name }),
        })
        return { run_info: toWireRunInfo(await store.getRun(id)) }
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/runs/get',
      input: z.object(runFields),
      handle: async (run) => ({ run: toWireRun(await store.getRun(runIdOf(run))) }),
    }),
    wireRoute({
      method: 'POST',
      path: '/runs/search',
      scope: 'read',
      input: z.object({ ...searchFields, experiment_ids: list(z.string()), run_view_type: viewType }),
      async handle({ experiment_ids, run_view_type, ...query }) {
        const page = await store.searchRuns({
          ...toSearchQuery(query),
          experimentIds: experiment_ids,
          lifecycle: run_view_type,
        })
        return { runs: page.items.map(toWireRun), ...nextPage(page) }
      },
    }),
    ...(['delete', 'restore'] as const).map((verb) =>
      wireRoute({
        method: 'POST',
        path: `/runs/${verb}`,
        input: z.object(runFields),
        async handle(run) {
          await store.setRunLifecycle(runIdOf(run), verb === 'delete' ? 'deleted' : 'active')
          return {}
        },
      }),
    ),
    wireRoute({
      method: 'POST',
      path: '/runs/set-tag',
      input: z.object({ ...runFields, key: entityKey, value: z.string().max(RUN_TAG_LENGTH).default('') }),
      async handle({ key, value, ...run }) {
        await store.logBatch(runIdOf(run), { tags: { [key]: value } })
        return {}
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/runs/delete-tag',
      input: z.object({ ...runFields, key: z.string() }),
      async handle({ key, ...run }) {
        await store.deleteTag(runIdOf(run), key)
        return {}
      },
    }),
  ]
}
