import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import type { RegisteredModel, TrackingStore } from '../../track/index.ts'
import { latestOfEachStage, toWireModel, toWireVersion } from './to-wire.ts'
import { type WireRoute, wireRoute } from './wire-route.ts'
import {
  entityKey,
  list,
  nextPage,
  REGISTRY_TAG_LENGTH,
  searchFields,
  tagOf,
  toRecord,
  toSearchQuery,
} from './wire-types.ts'

export const modelName = z
  .string()
  .min(1)
  .max(256)
  .refine((name) => !/[/:]/.test(name), "Invalid name: it must not contain '/' or ':'")

export const versionNumber = z
  .union([z.string().regex(/^\d{1,9}$/, 'Model version must be an integer'), z.number().int()])
  .transform(Number)

const named = z.object({ name: modelName })

export function registeredModelRoutes(store: TrackingStore): WireRoute[] {
  const answer = (model: RegisteredModel): object => ({ registered_model: toWireModel(model) })
  return [
    wireRoute({
      method: 'POST',
      path: '/registered-models/create',
      input: named.extend({
        tags: z.array(tagOf(REGISTRY_TAG_LENGTH)).default([]),
        description: z.string().optional(),
      }),
      async handle({ name, tags, description }) {
        const model = { name, tags: toRecord(tags), ...(description !== undefined && { description }) }
        return answer(await store.createModel(model))
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/registered-models/get',
      input: named,
      handle: async ({ name }) => answer(await store.getModel(name)),
    }),
    wireRoute({
      method: 'POST',
      path: '/registered-models/rename',
      input: named.extend({ new_name: modelName }),
      async handle({ name, new_name }) {
        await store.renameModel(name, new_name)
        return answer(await store.getModel(new_name))
      },
    }),
    wireRoute({
      method: 'PATCH',
      path: '/registered-models/update',
      input: named.extend({ description: z.string().default('') }),
      async handle({ name, description }) {
        await store.describeModel(name, description)
        return answer(await store.getModel(name))
      },
    }),
    wireRoute({
      method: 'DELETE',
      path: '/registered-models/delete',
      input: named,
      async handle({ name }) {
        await store.deleteModel(name)
        return {}
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/registered-models/search',
      input: z.object(searchFields),
      async handle(query) {
        const page = await store.searchModels(toSearchQuery(query))
        return { registered_models: page.items.map(toWireModel), ...nextPage(page) }
      },
    }),
    wireRoute({
      method: ['GET', 'POST'],
      path: '/registered-models/get-latest-versions',
      scope: 'read',
      input: named.extend({ stages: list(z.string()) }),
      async handle({ name, stages }) {
        const wanted = new Set(stages.map((stage) => stage.toLowerCase()))
        const latest = latestOfEachStage((await store.getModel(name)).versions)
        const chosen = latest.filter(({ stage }) => wanted.size === 0 || wanted.has(stage.toLowerCase()))
        return { model_versions: chosen.map(toWireVersion) }
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/registered-models/set-tag',
      input: named.extend({ key: entityKey, value: z.string().max(REGISTRY_TAG_LENGTH).default('') }),
      async handle({ name, key, value }) {
        await store.setModelTag(name, key, value)
        return {}
      },
    }),
    wireRoute({
      method: 'DELETE',
      path: '/registered-models/delete-tag',
      input: named.extend({ key: z.string() }),
      async handle({ name, key }) {
        await store.deleteModelTag(name, key)
        return {}
      },
    }),
    ...aliasRoutes(store),
  ]
}

function aliasRoutes(store: TrackingStore): WireRoute[] {
  const aliased = named.extend({ alias: z.string().min(1).max(255) })
  return [
    wireRoute({
      method: 'POST',
      path: '/registered-models/alias',
      input: aliased.extend({ version: versionNumber }),
      async handle({ name, alias, version }) {
        await store.setAlias(name, alias, version)
        return {}
      },
    }),
    wireRoute({
      method: 'DELETE',
      path: '/registered-models/alias',
      input: aliased,
      async handle({ name, alias }) {
        const { aliases } = await store.getModel(name)
        // To delete what is not there is no mistake for MLflow's clients.
        if (Object.hasOwn(aliases, alias)) await store.deleteAlias(name, alias)
        return {}
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/registered-models/alias',
      input: aliased,
      async handle({ name, alias }) {
        const { aliases } = await store.getModel(name)
        const version = Object.hasOwn(aliases, alias) ? aliases[alias] : undefined
        if (version === undefined)
          throw new FivefoldError('OPTION_INVALID', `Registered model alias ${alias} not found.`)
        return { model_version: toWireVersion(await store.getModelVersion(name, version)) }
      },
    }),
  ]
}
