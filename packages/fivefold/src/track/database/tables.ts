import type { Kysely, Transaction } from 'kysely'

interface KeyValue {
  key: string
  value: string
}

/** `value` is null for NaN, which SQLite has no form of. */
interface PointRow {
  step: number
  timestamp_ms: number
  value: number | null
}

export type LifecycleName = 'active' | 'deleted'

export interface ExperimentRow {
  id: string
  name: string
  created_ms: number
  updated_ms: number
  lifecycle: LifecycleName
  /** null: in the store itself. */
  artifact_location: string | null
}

export interface RunRow {
  id: string
  experiment_id: string
  name: string
  user_name: string
  status: string
  started_ms: number
  ended_ms: number | null
  lifecycle: LifecycleName
  deleted_ms: number | null
  artifact_uri: string
}

export interface LatestMetricRow extends PointRow {
  series: number
  run_id: string
  key: string
}

export interface DatasetRow {
  id: string
  experiment_id: string
  name: string
  digest: string
  source_type: string
  source: string
  schema: string | null
  profile: string | null
}

export interface LoggedModelRow {
  id: string
  experiment_id: string
  name: string
  model_type: string | null
  source_run_id: string | null
  status: string
  artifact_uri: string
  created_ms: number
  updated_ms: number
  lifecycle: LifecycleName
}

export interface ModelMetricRow extends PointRow {
  model_id: string
  run_id: string
  key: string
  dataset_name: string | null
  dataset_digest: string | null
}

export interface ModelRow {
  name: string
  created_ms: number
  updated_ms: number
  description: string | null
  /** The highest version that was ever given. */
  last_version: number
}

export interface ModelVersionRow {
  model: string
  version: number
  /** Hash of the folder under `models/`; '' where the content lies elsewhere. */
  content_hash: string
  run_id: string | null
  metrics: string
  created_ms: number
  updated_ms: number
  user_name: string | null
  description: string | null
  source: string
  /** Where the content is downloaded from; null: from `source`. */
  storage_uri: string | null
  run_link: string | null
  stage: string
  model_id: string | null
}

export interface TraceRow {
  id: string
  experiment_id: string
  client_request_id: string | null
  request_ms: number
  duration_ms: number | null
  state: string
  request_preview: string | null
  response_preview: string | null
}

export interface Tables {
  experiments: ExperimentRow
  experiment_tags: KeyValue & { experiment_id: string }
  runs: RunRow
  params: KeyValue & { run_id: string }
  tags: KeyValue & { run_id: string }
  /** The latest point of each metric of each run; `series` names the metric in `metric_points`. */
  latest_metrics: Omit<LatestMetricRow, 'series'> & { series?: number }
  /** Every point once. `value` is 0 where `is_nan` is 1. */
  metric_points: { series: number; step: number; timestamp_ms: number; value: number; is_nan: number }
  datasets: DatasetRow
  run_datasets: { run_id: string; dataset_id: string; context: string | null; tags: string }
  run_models: { run_id: string; model_id: string; direction: 'input' | 'output'; step: number }
  logged_models: LoggedModelRow
  logged_model_params: KeyValue & { model_id: string }
  logged_model_tags: KeyValue & { model_id: string }
  model_metrics: ModelMetricRow
  /** The tree of artifacts; content lies under its hash. */
  artifact_files: { path: string; sha256: string; size_bytes: number; created_ms: number }
  models: ModelRow
  model_tags: KeyValue & { model: string }
  model_versions: ModelVersionRow
  model_version_tags: KeyValue & { model: string; version: number }
  model_aliases: { model: string; alias: string; version: number }
  /** `sequence` keeps the order of entries of the same millisecond. */
  audit: { sequence?: number; timestamp_ms: number; action: string; model: string; details: string }
  traces: TraceRow
  trace_tags: KeyValue & { trace_id: string }
  trace_metadata: KeyValue & { trace_id: string }
  trace_parts: { trace_id: string; kind: 'span' | 'assessment'; part_id: string; content: string }
  access_tokens: { hash: string; name: string; scope: string; created_ms: number }
  counters: { name: string; value: number }
  settings: { name: string; value: string }
  migrations: { number: number; name: string; applied_ms: number }
}

export type Reader = Kysely<Tables>
export type Writer = Transaction<Tables> | Kysely<Tables>
