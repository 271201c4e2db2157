import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import type { Lifecycle, TrackingStore } from '../../track/index.ts'
import { toWireExperiment } from './to-wire.ts'
import { type WireRoute, wireRoute } from './wire-route.ts'
import {
  EXPERIMENT_NAME_LENGTH,
  EXPERIMENT_TAG_LENGTH,
  entityKey,
  list,
  nextPage,
  searchFields,
  tagOf,
  toRecord,
  toSearchQuery,
} from './wire-types.ts'

const experimentId = z.object({ experiment_id: z.string().min(1) })
const experimentName = z.string().min(1).max(EXPERIMENT_NAME_LENGTH)

const VIEWS: Readonly<Record<string, Lifecycle | 'all'>> = {
  ACTIVE_ONLY: 'active',
  DELETED_ONLY: 'deleted',
  ALL: 'all',
}

export const viewType = z
  .enum(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'])
  .default('ACTIVE_ONLY')
  .transform((view) => VIEWS[view]!)

export function experimentRoutes(store: TrackingStore): WireRoute[] {
  return [
    wireRoute({
      method: 'POST',
      path: '/experiments/create',
      input: z.object({
        name: experimentName,
        artifact_location: z.string().optional(),
        tags: z.array(tagOf(EXPERIMENT_TAG_LENGTH)).default([]),
      }),
      async handle({ name, artifact_location: location, tags }) {
        const experiment = {
          name,
          tags: toRecord(tags),
          ...(location && { artifactLocation: checkLocation(location) }),
        }
        return { experiment_id: await store.createExperiment(experiment) }
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/experiments/get',
      input: experimentId,
      handle: async ({ experiment_id }) => ({ experiment: toWireExperiment(await store.getExperiment(experiment_id)) }),
    }),
    wireRoute({
      method: 'GET',
      path: '/experiments/get-by-name',
      input: z.object({ experiment_name: z.string().min(1) }),
      async handle({ experiment_name: name }) {
        const experiment = await store.findExperiment(name)
        if (!experiment) throw new FivefoldError('RUN_NOT_FOUND', `Could not find experiment with name '${name}'`)
        return { experiment: toWireExperiment(experiment) }
      },
    }),
    wireRoute({
      method: ['GET', 'POST'],
      path: '/experiments/search',
      scope: 'read',
      input: z.object({ ...searchFields, view_type: viewType }),
      async handle({ view_type: lifecycle, ...query }) {
        const page = await store.searchExperiments({ ...toSearchQuery(query), lifecycle })
        return { experiments: page.items.map(toWireExperiment), ...nextPage(page) }
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/experiments/update',
      input: experimentId.extend({ new_name: experimentName.optional() }),
      async handle({ experiment_id, new_name }) {
        if (new_name !== undefined) await store.renameExperiment(experiment_id, new_name)
        return {}
      },
    }),
    ...(['delete', 'restore'] as const).map((verb) =>
      wireRoute({
        method: 'POST',
        path: `/experiments/${verb}`,
        input: experimentId,
        async handle({ experiment_id }) {
          await store.setExperimentLifecycle(experiment_id, verb === 'delete' ? 'deleted' : 'active')
          return {}
        },
      }),
    ),
    wireRoute({
      method: 'POST',
      path: '/experiments/set-experiment-tag',
      input: experimentId.extend({ key: entityKey, value: z.string().max(EXPERIMENT_TAG_LENGTH).default('') }),
      async handle({ experiment_id, key, value }) {
        await store.setExperimentTag(experiment_id, key, value)
        return {}
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/experiments/delete-experiment-tag',
      input: experimentId.extend({ key: z.string() }),
      async handle({ experiment_id, key }) {
        await store.deleteExperimentTag(experiment_id, key)
        return {}
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/experiments/search-datasets',
      scope: 'read',
      input: z.object({ experiment_ids: list(z.string()) }),
      async handle({ experiment_ids }) {
        const datasets = await store.listDatasets(experiment_ids)
        return {
          dataset_summaries: datasets.map(({ experimentId: experiment_id, name, digest, context }) => ({
            experiment_id,
            name,
            digest,
            ...(context !== null && { context }),
          })),
        }
      },
    }),
  ]
}

/** Clients append to it, so it must be no more than an address. */
function checkLocation(location: string): string {
  if (!/[?#]|\.\./.test(location)) return location
  throw new FivefoldError(
    'OPTION_INVALID',
    `Invalid artifact_location '${location}': it has a query, a fragment or '..'`,
  )
}
