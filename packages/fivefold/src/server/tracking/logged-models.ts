import { z } from 'zod'
import type { LoggedModel, LoggedModelStatus, TrackingStore } from '../../track/index.ts'
import { listFolder } from './artifacts.ts'
import { toWireLoggedModel } from './to-wire.ts'
import { type WireRoute, wireRoute } from './wire-route.ts'
import { list, nextPage, pageFields, RUN_TAG_LENGTH, tagOf, toRecord, toSearchQuery } from './wire-types.ts'

const byId = z.object({ model_id: z.string() })
const pair = z.object({ key: z.string().min(1).max(250), value: z.string().max(6000).default('') })

const STATUS: Readonly<Record<string, LoggedModelStatus>> = {
  LOGGED_MODEL_PENDING: 'pending',
  LOGGED_MODEL_READY: 'ready',
  LOGGED_MODEL_UPLOAD_FAILED: 'failed',
}

const ordering = z.object({ field_name: z.string(), ascending: z.boolean().default(true) })

export function loggedModelRoutes(store: TrackingStore): WireRoute[] {
  const answer = (model: LoggedModel): object => ({ model: toWireLoggedModel(model) })
  return [
    wireRoute({
      method: 'POST',
      path: '/logged-models',
      input: z.object({
        experiment_id: z.string(),
        name: z.string().max(500).optional(),
        model_type: z.string().optional(),
        source_run_id: z.string().optional(),
        params: z.array(pair).default([]),
        tags: z.array(tagOf(RUN_TAG_LENGTH)).default([]),
      }),
      async handle({ experiment_id, name, model_type, source_run_id, params, tags }) {
        const model = await store.createLoggedModel({
          experimentId: experiment_id,
          params: toRecord(params),
          tags: toRecord(tags),
          ...(name && { name }),
          ...(model_type && { modelType: model_type }),
          ...(source_run_id && { sourceRunId: source_run_id }),
        })
        return answer(model)
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/logged-models/search',
      scope: 'read',
      input: z.object({
        ...pageFields,
        filter: z.string().optional(),
        experiment_ids: list(z.string()),
        order_by: z.array(ordering).default([]),
      }),
      async handle({ experiment_ids, order_by, ...query }) {
        const orderings = order_by.map(({ field_name, ascending }) => `${field_name} ${ascending ? 'asc' : 'desc'}`)
        const search = toSearchQuery({ ...query, order_by: orderings })
        const page = await store.searchLoggedModels({ ...search, experimentIds: experiment_ids })
        return { models: page.items.map(toWireLoggedModel), ...nextPage(page) }
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/logged-models/:model_id',
      input: byId,
      handle: async ({ model_id }) => answer(await store.getLoggedModel(model_id)),
    }),
    wireRoute({
      method: 'PATCH',
      path: '/logged-models/:model_id',
      input: byId.extend({ status: z.enum(Object.keys(STATUS)).transform((status) => STATUS[status]!) }),
      handle: async ({ model_id, status }) => answer(await store.finalizeLoggedModel(model_id, status)),
    }),
    wireRoute({
      method: 'DELETE',
      path: '/logged-models/:model_id',
      input: byId,
      async handle({ model_id }) {
        await store.deleteLoggedModel(model_id)
        return {}
      },
    }),
    wireRoute({
      method: 'PATCH',
      path: '/logged-models/:model_id/tags',
      input: byId.extend({ tags: z.array(tagOf(RUN_TAG_LENGTH)).default([]) }),
      handle: async ({ model_id, tags }) => answer(await store.setLoggedModelTags(model_id, toRecord(tags))),
    }),
    wireRoute({
      method: 'DELETE',
      path: '/logged-models/:model_id/tags/:tag_key',
      input: byId.extend({ tag_key: z.string() }),
      async handle({ model_id, tag_key }) {
        await store.deleteLoggedModelTag(model_id, tag_key)
        return {}
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/logged-models/:model_id/params',
      input: byId.extend({ params: z.array(pair).default([]) }),
      async handle({ model_id, params }) {
        await store.logLoggedModelParams(model_id, toRecord(params))
        return {}
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/logged-models/:model_id/artifacts/directories',
      input: byId.extend({ artifact_directory_path: z.string().default('') }),
      async handle({ model_id, artifact_directory_path: path }) {
        const { artifactUri } = await store.getLoggedModel(model_id)
        return listFolder(store, artifactUri, path)
      },
    }),
  ]
}
