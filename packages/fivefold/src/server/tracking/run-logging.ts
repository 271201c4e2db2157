import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import type { DatasetInput, NewMetricPoint, RunBatch, TrackingStore } from '../../track/index.ts'
import { runFields, runIdOf } from './runs.ts'
import { type WireRoute, wireRoute } from './wire-route.ts'
import { double, entityKey, int64, list, PARAM_LENGTH, RUN_TAG_LENGTH, tagOf, toRecord } from './wire-types.ts'

const MAX_METRICS = 1000
const MAX_PARAMS = 100
const MAX_TAGS = 100
const MAX_ENTITIES = 1000
const MAX_BATCH_BYTES = 1_000_000
const MAX_MODEL_BYTES = 10_000_000

const metricFields = {
  key: entityKey,
  value: double,
  timestamp: int64,
  step: int64.default(0),
  model_id: z.string().optional(),
  dataset_name: z.string().optional(),
  dataset_digest: z.string().optional(),
}

type WireMetric = z.output<z.ZodObject<typeof metricFields>>

const toPoint = ({ key, value, timestamp, step, ...about }: WireMetric): NewMetricPoint => ({
  key,
  value,
  step,
  timestampMs: timestamp,
  ...(about.model_id && { modelId: about.model_id }),
  ...(about.dataset_name && { datasetName: about.dataset_name }),
  ...(about.dataset_digest && { datasetDigest: about.dataset_digest }),
})

const param = z.object({ key: entityKey, value: z.string().max(PARAM_LENGTH).default('') })

const dataset = z.object({
  name: z.string().min(1).max(500),
  digest: z.string().min(1).max(36),
  source_type: z.string().min(1),
  source: z.string().min(1).max(65_535),
  schema: z.string().max(1_048_575).optional(),
  profile: z.string().max(16_777_215).optional(),
})

const datasetInput = z.object({
  tags: z.array(z.object({ key: z.string().min(1).max(255), value: z.string().max(500).default('') })).default([]),
  dataset,
})

export function runLoggingRoutes(store: TrackingStore): WireRoute[] {
  /** A parameter that has another value is the caller's mistake here, no clash of names. */
  const log = async (runId: string, batch: RunBatch): Promise<object> => {
    try {
      await store.logBatch(runId, batch)
    } catch (error) {
      if (!(error instanceof FivefoldError) || error.code !== 'STORE_CONFLICT') throw error
      throw new FivefoldError('OPTION_INVALID', `Changing param values is not allowed: ${error.message}`)
    }
    return {}
  }
  return [
    wireRoute({
      method: 'POST',
      path: '/runs/log-metric',
      input: z.object({ ...runFields, ...metricFields }),
      handle: ({ run_id, run_uuid, ...metric }) => log(runIdOf({ run_id, run_uuid }), { metrics: [toPoint(metric)] }),
    }),
    wireRoute({
      method: 'POST',
      path: '/runs/log-parameter',
      input: z.object({ ...runFields, ...param.shape }),
      handle: ({ key, value, ...run }) => log(runIdOf(run), { params: { [key]: value } }),
    }),
    wireRoute({
      method: 'POST',
      path: '/runs/log-batch',
      bodyLimit: MAX_BATCH_BYTES,
      input: z
        .object({
          ...runFields,
          metrics: z.array(z.object(metricFields)).max(MAX_METRICS).default([]),
          params: z.array(param).max(MAX_PARAMS).default([]),
          tags: z.array(tagOf(RUN_TAG_LENGTH)).max(MAX_TAGS).default([]),
        })
        .refine(
          ({ metrics, params, tags }) => metrics.length + params.length + tags.length <= MAX_ENTITIES,
          `A batch logging request can contain at most ${MAX_ENTITIES} metrics, params and tags.`,
        ),
      handle: ({ metrics, params, tags, ...run }) =>
        log(runIdOf(run), { metrics: metrics.map(toPoint), params: uniqueParams(params), tags: toRecord(tags) }),
    }),
    wireRoute({
      method: 'POST',
      path: '/runs/log-inputs',
      bodyLimit: MAX_MODEL_BYTES * 2,
      input: z.object({
        ...runFields,
        datasets: z.array(datasetInput).max(1000).default([]),
        models: z.array(z.object({ model_id: z.string() })).default([]),
      }),
      async handle({ datasets, models, ...run }) {
        await store.logInputs(
          runIdOf(run),
          datasets.map(toDatasetInput),
          models.map(({ model_id }) => model_id),
        )
        return {}
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/runs/outputs',
      input: z.object({
        ...runFields,
        models: list(z.object({ model_id: z.string(), step: int64.default(0) })),
      }),
      async handle({ models, ...run }) {
        await store.logOutputs(
          runIdOf(run),
          models.map(({ model_id, step }) => ({ modelId: model_id, step })),
        )
        return {}
      },
    }),
    wireRoute({
      method: 'POST',
      path: '/runs/log-model',
      bodyLimit: MAX_MODEL_BYTES,
      input: z.object({ ...runFields, model_json: z.string() }),
      async handle({ model_json, ...run }) {
        await appendModel(store, runIdOf(run), model_json)
        return {}
      },
    }),
  ]
}

function uniqueParams(params: readonly { key: string; value: string }[]): Record<string, string> {
  const unique = toRecord(params)
  const changed = params.find(({ key, value }) => unique[key] !== value)
  if (!changed) return unique
  throw new FivefoldError('OPTION_INVALID', `Duplicate parameter keys have been submitted: '${changed.key}'`)
}

const toDatasetInput = ({ tags, dataset: given }: z.output<typeof datasetInput>): DatasetInput => ({
  tags: toRecord(tags),
  dataset: {
    name: given.name,
    digest: given.digest,
    sourceType: given.source_type,
    source: given.source,
    ...(given.schema !== undefined && { schema: given.schema }),
    ...(given.profile !== undefined && { profile: given.profile }),
  },
})

/** Clients of MLflow 2 describe the models of a run in one tag, a JSON list. */
const MODEL_HISTORY_TAG = 'mlflow.log-model.history'

async function appendModel(store: TrackingStore, runId: string, modelJson: string): Promise<void> {
  const model = parseJson(modelJson)
  if (typeof model !== 'object' || model === null || !('artifact_path' in model))
    throw new FivefoldError('OPTION_INVALID', 'model_json describes no model: it has no artifact_path')
  const before = parseJson((await store.getRun(runId)).tags[MODEL_HISTORY_TAG] ?? '[]')
  const history = JSON.stringify([...(Array.isArray(before) ? before : []), model])
  await store.logBatch(runId, { tags: { [MODEL_HISTORY_TAG]: history } })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FivefoldError('OPTION_INVALID', 'malformed JSON', { cause })
  }
}
