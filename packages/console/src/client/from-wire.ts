import type {
  ArtifactEntry,
  AuditEntry,
  Dataset,
  Experiment,
  MetricSeries,
  ModelVersion,
  RegisteredModel,
  Run,
  RunStatus,
  Tags,
} from './records.ts'
import type {
  WireAudit,
  WireDatasetInput,
  WireExperiment,
  WireFile,
  WireMetric,
  WireModelVersion,
  WireNumber,
  WireRegisteredModel,
  WireRun,
  WireTag,
} from './wire.ts'

/** Infinities travel as the largest double, or by name. */
const LARGEST = Number.MAX_VALUE

export function toNumber(value: WireNumber | undefined): number {
  const number = Number(value ?? 0)
  if (number >= LARGEST) return Number.POSITIVE_INFINITY
  return number <= -LARGEST ? Number.NEGATIVE_INFINITY : number
}

/** Zero and nothing both stand for a time that is not known. */
const toTime = (value: WireNumber | undefined): number | undefined => Number(value ?? 0) || undefined

export const toTags = (tags: readonly WireTag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ key, value }) => [key, value ?? '']))

export const toExperiment = (wire: WireExperiment): Experiment => ({
  id: String(wire.experiment_id),
  name: wire.name,
  createdMs: toTime(wire.creation_time),
  updatedMs: toTime(wire.last_update_time),
  tags: toTags(wire.tags),
})

const STATUSES: Readonly<Record<string, RunStatus>> = {
  RUNNING: 'running',
  SCHEDULED: 'scheduled',
  FINISHED: 'finished',
  FAILED: 'failed',
  KILLED: 'killed',
}

export function toRun({ info, data, inputs }: WireRun): Run {
  const tags = toTags(data?.tags)
  return {
    id: info.run_id,
    name: info.run_name || tags['mlflow.runName'] || info.run_id.slice(0, 8),
    experimentId: String(info.experiment_id),
    status: STATUSES[info.status ?? ''] ?? 'running',
    startedMs: toTime(info.start_time),
    endedMs: toTime(info.end_time),
    user: info.user_id || tags['mlflow.user'] || '',
    deleted: info.lifecycle_stage === 'deleted',
    metrics: Object.fromEntries((data?.metrics ?? []).map((metric) => [metric.key, toMetric(metric)])),
    params: toTags(data?.params),
    tags,
    datasets: (inputs?.dataset_inputs ?? []).map(toDataset),
  }
}

const toMetric = ({ value, step, timestamp }: WireMetric) => ({
  value: toNumber(value),
  step: toNumber(step),
  timestampMs: toNumber(timestamp),
})

const toDataset = ({ dataset, tags }: WireDatasetInput): Dataset => ({
  name: dataset?.name ?? '',
  digest: dataset?.digest ?? '',
  sourceType: dataset?.source_type ?? '',
  source: dataset?.source ?? '',
  context: toTags(tags)['mlflow.data.context'] ?? '',
})

/** Points of one run, put in the order of steps and then of time. */
export function toSeries(runId: string, key: string, points: readonly WireMetric[]): MetricSeries {
  const sorted = points.map(toMetric).sort((a, b) => a.step - b.step || a.timestampMs - b.timestampMs)
  return {
    runId,
    key,
    steps: sorted.map(({ step }) => step),
    timesMs: sorted.map(({ timestampMs }) => timestampMs),
    values: sorted.map(({ value }) => value),
  }
}

export const toArtifact = ({ path, is_dir, file_size }: WireFile): ArtifactEntry => ({
  path,
  isFolder: is_dir === true,
  sizeBytes: file_size === undefined ? undefined : Number(file_size),
})

export const toModel = (wire: WireRegisteredModel): RegisteredModel => ({
  name: wire.name,
  createdMs: toTime(wire.creation_timestamp),
  updatedMs: toTime(wire.last_updated_timestamp),
  description: wire.description ?? '',
  tags: toTags(wire.tags),
  aliases: (wire.aliases ?? []).map(({ alias, version }) => ({ alias, version: String(version) })),
  latestVersion: newest((wire.latest_versions ?? []).map(({ version }) => String(version))),
})

const newest = (versions: readonly string[]): string | undefined =>
  [...versions].sort((a, b) => Number(b) - Number(a))[0]

export const toVersion = (wire: WireModelVersion): ModelVersion => ({
  name: wire.name,
  version: String(wire.version),
  createdMs: toTime(wire.creation_timestamp),
  stage: wire.current_stage && wire.current_stage !== 'None' ? wire.current_stage : '',
  description: wire.description ?? '',
  source: wire.source ?? '',
  runId: wire.run_id ?? '',
  status: wire.status ?? '',
  tags: toTags(wire.tags),
  aliases: wire.aliases ?? [],
})

export const toAuditEntry = ({ timestamp, action, details }: WireAudit['entries'][number]): AuditEntry => ({
  timeMs: timestamp,
  action,
  details: Object.fromEntries(
    Object.entries(details).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])),
  ),
})
