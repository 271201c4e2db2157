import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import { MODEL_STAGES, type ModelStage, type ModelVersion, type TrackingStore } from '../../track/index.ts'
import { modelName, versionNumber } from './registered-models.ts'
import { toWireVersion } from './to-wire.ts'
import { type WireRoute, wireRoute } from './wire-route.ts'
import { entityKey, nextPage, REGISTRY_TAG_LENGTH, searchFields, tagOf, toRecord, toSearchQuery } from './wire-types.ts'

const versioned = z.object({ name: modelName, version: versionNumber })

export function modelVersionRoutes(store: TrackingStore): WireRoute[] {
  const answer = (version: ModelVersion): object => ({ model_version: toWireVersion(version) })
  return [
    wireRoute({
      method: 'POST',
      path: '/model-versions/create',
      input: z.object({
        name: modelName,
        source: z.string().min(1).max(500),
        run_id: z.string().optional(),
        run_link: z.string().optional(),
        description: z.string().optional(),
        model_id: z.string().optional(),
        tags: z.array(tagOf(REGISTRY_TAG_LENGTH)).default([]),
      }),
      async handle({ name, source, run_id, run_link, description, model_id, tags }) {
        const version = await store.createModelVersion({
          name,
          source: checkSource(source),
          tags: toRecord(tags),
          ...(run_id && { runId: run_id }),
          ...(run_link && { runLink: run_link }),
          ...(description !== undefined && { description }),
          ...(model_id && { modelId: model_id }),
        })
        return answer(version)
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/model-versions/get',
      input: versioned,
      handle: async ({ name, version }) => answer(await store.getModelVersion(name, version)),
    }),
    wireRoute({
      method: 'GET',
      path: '/model-versions/get-download-uri',
      input: versioned,
      async handle({ name, version }) {
        return { artifact_uri: (await store.getModelVersion(name, version)).downloadUri }
      },
    }),
    wireRoute({
      method: 'GET',
      path: '/model-versions/search',
      input: z.object(searchFields),
      async handle(query) {
        const page = await store.searchModelVersions(toSearchQuery(query))
        return { model_versions: page.items.map(toWireVersion), ...nextPage(page) }
      },
    }),
    wireRoute({
      method: 'PATCH',
      path: '/model-versions/update',
      input: versioned.extend({ description: z.string().default('') }),
      async handle({ name, version, description }) {
        await store.describeModelVersion(name, version, description)
        return answer(await store.getModelVersion(name, version))
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/model-versions/transition-stage',
      input: versioned.extend({
        stage: z.string().transform(toStage),
        archive_existing_versions: z.boolean().default(false),
      }),
      async handle({ name, version, stage, archive_existing_versions }) {
        await store.setStage(name, version, stage, archive_existing_versions)
        return answer(await store.getModelVersion(name, version))
      },
    }),
    wireRoute({
      method: 'DELETE',
      path: '/model-versions/delete',
      input: versioned,
      async handle({ name, version }) {
        await store.deleteModelVersion(name, version)
        return {}
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/model-versions/set-tag',
      input: versioned.extend({ key: entityKey, value: z.string().max(REGISTRY_TAG_LENGTH).default('') }),
      async handle({ name, version, key, value }) {
        await store.setVersionTag(name, version, key, value)
        return {}
      },
    }),
    wireRoute({
      method: 'DELETE',
      path: '/model-versions/delete-tag',
      input: versioned.extend({ key: z.string() }),
      async handle({ name, version, key }) {
        await store.deleteVersionTag(name, version, key)
        return {}
      },
    }),
  ]
}

function toStage(given: string): ModelStage {
  const stage = MODEL_STAGES.find((one) => one.toLowerCase() === given.toLowerCase())
  if (stage) return stage
  throw new FivefoldError(
    'OPTION_INVALID',
    `Invalid Model Version stage: ${given}. Value must be one of ${MODEL_STAGES.join(', ')}.`,
  )
}

/** A path on this machine would let a caller name files that are none of its business. */
function checkSource(source: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(source)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'file' && !/(^|\/)\.\.(\/|$)/.test(decodeURIComponentSafely(source)))
    return source
  throw new FivefoldError(
    'OPTION_INVALID',
    `Invalid model version source: '${source}'. It must be a URI of an artifact.`,
  )
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
