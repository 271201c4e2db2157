import type {
  DatasetInput,
  Experiment,
  LoggedModel,
  LoggedModelMetric,
  LoggedModelStatus,
  MetricPoint,
  ModelVersion,
  RegisteredModel,
  Run,
  RunStatus,
} from '../../track/index.ts'
import { fromRecord, present, wireDouble } from './wire-types.ts'

export const toWireExperiment = (experiment: Experiment): object => ({
  experiment_id: experiment.id,
  name: experiment.name,
  artifact_location: experiment.artifactLocation,
  lifecycle_stage: experiment.lifecycle,
  creation_time: experiment.createdMs,
  last_update_time: experiment.updatedMs,
  tags: fromRecord(experiment.tags),
})

export const toWireStatus = (status: RunStatus): string => status.toUpperCase()

export const toWireRunInfo = (run: Run): object =>
  present({
    run_id: run.id,
    run_uuid: run.id,
    run_name: run.name,
    experiment_id: run.experimentId,
    user_id: run.user,
    status: toWireStatus(run.status),
    start_time: run.startedMs,
    end_time: run.endedMs,
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycle,
  })

export const toWireRun = (run: Run): object => ({
  info: toWireRunInfo(run),
  data: {
    metrics: Object.values(run.metrics).map(toWireMetric),
    params: fromRecord(run.params),
    tags: fromRecord(run.tags),
  },
  inputs: {
    dataset_inputs: run.inputs.datasets.map(toWireDatasetInput),
    model_inputs: run.inputs.modelIds.map((model_id) => ({ model_id })),
  },
  outputs: { model_outputs: run.outputs.map(({ modelId, step }) => ({ model_id: modelId, step })) },
})

export const toWireMetric = ({ key, value, timestampMs, step }: MetricPoint): object => ({
  key,
  value: wireDouble(value),
  timestamp: timestampMs,
  step,
})

const toWireDatasetInput = ({ dataset, tags }: DatasetInput): object => ({
  tags: fromRecord(tags),
  dataset: present({
    name: dataset.name,
    digest: dataset.digest,
    source_type: dataset.sourceType,
    source: dataset.source,
    schema: dataset.schema,
    profile: dataset.profile,
  }),
})

export const toWireVersion = (version: ModelVersion): object =>
  present({
    name: version.name,
    version: String(version.version),
    creation_timestamp: version.createdMs,
    last_updated_timestamp: version.updatedMs,
    user_id: version.user,
    current_stage: version.stage,
    description: version.description ?? '',
    source: version.source,
    run_id: version.runId ?? '',
    run_link: version.runLink ?? '',
    status: 'READY',
    tags: fromRecord(version.tags),
    aliases: version.aliases,
    model_id: version.modelId,
  })

export const toWireModel = (model: RegisteredModel): object => ({
  name: model.name,
  creation_timestamp: model.createdMs,
  last_updated_timestamp: model.updatedMs,
  description: model.description ?? '',
  latest_versions: latestOfEachStage(model.versions).map(toWireVersion),
  tags: fromRecord(model.tags),
  aliases: Object.entries(model.aliases).map(([alias, version]) => ({ alias, version: String(version) })),
})

/** Versions come newest first, so the first of a stage is its latest. */
export function latestOfEachStage(versions: readonly ModelVersion[]): ModelVersion[] {
  const latest = new Map<string, ModelVersion>()
  for (const version of versions) if (!latest.has(version.stage)) latest.set(version.stage, version)
  return [...latest.values()]
}

const MODEL_STATUS: Record<LoggedModelStatus, string> = {
  pending: 'LOGGED_MODEL_PENDING',
  ready: 'LOGGED_MODEL_READY',
  failed: 'LOGGED_MODEL_UPLOAD_FAILED',
}

export const toWireLoggedModel = (model: LoggedModel): object => ({
  info: present({
    model_id: model.id,
    experiment_id: model.experimentId,
    name: model.name,
    creation_timestamp_ms: model.createdMs,
    last_updated_timestamp_ms: model.updatedMs,
    artifact_uri: model.artifactUri,
    status: MODEL_STATUS[model.status],
    model_type: model.modelType,
    source_run_id: model.sourceRunId,
    tags: fromRecord(model.tags),
    registrations: model.registrations.map(({ name, version }) => ({ name, version: String(version) })),
  }),
  data: { params: fromRecord(model.params), metrics: model.metrics.map((metric) => toModelMetric(model.id, metric)) },
})

const toModelMetric = (modelId: string, metric: LoggedModelMetric): object =>
  present({
    key: metric.key,
    value: wireDouble(metric.value),
    timestamp: metric.timestampMs,
    step: metric.step,
    run_id: metric.runId,
    model_id: modelId,
    dataset_name: metric.datasetName,
    dataset_digest: metric.datasetDigest,
  })
