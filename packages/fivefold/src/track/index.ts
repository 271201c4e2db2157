export type { AccessToken, TrackingScope } from '../access/index.ts'
export type { StoreTokens } from './access/access-tokens.ts'
export { pathOfUri } from './artifacts/artifact-path.ts'
export type { Artifact, ArtifactEntry, OpenedArtifact } from './artifacts/artifact-store.ts'
export type { ClientRun, LogModelOptions, NewClientRun } from './client/client-run.ts'
export type { Registration } from './client/journal/journal-entry.ts'
export type { JournalDamage } from './client/journal/journal-reader.ts'
export type { RemoteModel, RemoteModelVersion, RemoteRun } from './client/queries/from-wire.ts'
export type { ModelQueries, NewRemoteVersion } from './client/queries/model-queries.ts'
export type { ArtifactQueries, ExperimentQueries, RunQueries, TrackingQueries } from './client/queries/queries.ts'
export { type SystemMetricsOptions, sampleSystemMetrics } from './client/system-metrics.ts'
export {
  createTrackingClient,
  type SyncStatus,
  type TrackingClient,
  type TrackingClientOptions,
} from './client/tracking-client.ts'
export { isPostgresUrl, withoutPassword } from './database/database.ts'
export type { Experiment, Lifecycle, NewExperiment } from './experiments/experiments.ts'
export type { GarbageOptions, GarbageReport } from './garbage/collect-garbage.ts'
export type {
  LoggedModel,
  LoggedModelMetric,
  LoggedModelStatus,
  NewLoggedModel,
} from './logged-models/logged-models.ts'
export { openTrackingStore, type TrackingStoreOptions } from './open-tracking-store.ts'
export type { RecordedRun } from './recorded-run.ts'
export {
  type AuditEntry,
  MODEL_STAGES,
  type ModelStage,
  type ModelVersion,
  type NewModelVersion,
  type NewRegisteredModel,
  type RegisteredModel,
} from './registry/registry.ts'
export { type BufferedRunSink, createRunSink, type RunSinkOptions } from './run-sink.ts'
export type {
  Dataset,
  DatasetInput,
  DatasetSummary,
  MetricBucket,
  MetricPoint,
  ModelOutput,
  NewMetricPoint,
  NewRun,
  Run,
  RunBatch,
  RunChange,
  RunQuery,
  RunStatus,
  StepRange,
} from './runs/run.ts'
export type { Page, PageRequest, SearchQuery } from './search/page.ts'
export type { TraceInfo, TraceState } from './traces/traces.ts'
export type { TrackingStore } from './tracking-store.ts'
