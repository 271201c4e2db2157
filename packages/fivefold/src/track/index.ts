export { openTrackingStore } from './open-tracking-store.ts'
export { type BufferedRunSink, createRunSink, type RunSinkOptions } from './run-sink.ts'
export type {
  Artifact,
  AuditEntry,
  Experiment,
  MetricPoint,
  ModelVersion,
  NewRun,
  RegisteredModel,
  Run,
  RunBatch,
  RunStatus,
  TrackingStore,
} from './tracking-store.ts'
