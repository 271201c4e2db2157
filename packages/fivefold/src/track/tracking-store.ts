import type { MetricValues } from '../metrics/index.ts'

export type RunStatus = 'running' | 'finished' | 'failed' | 'killed'

export interface MetricPoint {
  readonly key: string
  readonly value: number
  readonly step: number
  /** Milliseconds since 1970 UTC. */
  readonly timestampMs: number
}

export interface Experiment {
  readonly name: string
  readonly createdMs: number
}

export interface Run {
  readonly id: string
  readonly experiment: string
  readonly status: RunStatus
  readonly startedMs: number
  readonly endedMs: number | null
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  /** The point of the highest step of each metric (then the latest, then the largest). */
  readonly metrics: Readonly<Record<string, MetricPoint>>
}

export interface NewRun {
  /** Made where it does not exist. */
  readonly experiment: string
  readonly startedMs?: number
}

/** What one call adds to a run. */
export interface RunBatch {
  readonly params?: Readonly<Record<string, string>>
  readonly metrics?: readonly MetricPoint[]
  readonly tags?: Readonly<Record<string, string>>
}

export interface Artifact {
  /** Path inside the run, with forward slashes. */
  readonly name: string
  readonly sha256: string
  readonly sizeBytes: number
  /** Where the content lies; not to be written. */
  readonly path: string
}

export interface ModelVersion {
  readonly name: string
  /** Counts from 1 for each name and is never given twice. */
  readonly version: number
  /** The store's own copy of the bundle. */
  readonly bundlePath: string
  readonly runId: string | null
  readonly metrics: MetricValues
  readonly createdMs: number
  readonly aliases: readonly string[]
}

export interface RegisteredModel {
  readonly name: string
  /** Newest first. */
  readonly versions: readonly ModelVersion[]
}

/** A change of the registry: who moved what, and when. */
export interface AuditEntry {
  readonly timestampMs: number
  readonly action: 'registerModel' | 'setAlias' | 'deleteAlias'
  readonly model: string
  readonly details: Readonly<Record<string, string | number | null>>
}

/**
 * Runs and the model registry. Every method is atomic: processes that write at once lose nothing, and one that is
 * killed leaves what it had finished.
 */
export interface TrackingStore extends AsyncDisposable {
  listExperiments(): Promise<Experiment[]>
  /** Returns the id of the run. */
  createRun(run: NewRun): Promise<string>
  /** Throws RUN_NOT_FOUND; STORE_CONFLICT where the run has ended otherwise before. */
  finishRun(runId: string, status: Exclude<RunStatus, 'running'>, endedMs?: number): Promise<void>
  /**
   * Adds parameters, metrics and tags, all or none. Tags are overwritten; a parameter keeps its value: another one is
   * STORE_CONFLICT. Throws RUN_NOT_FOUND.
   */
  logBatch(runId: string, batch: RunBatch): Promise<void>
  /** Copies a file, or every file of a folder, into the store under `name`. Throws RUN_NOT_FOUND, STORAGE_DENIED. */
  logArtifact(runId: string, name: string, path: string): Promise<void>
  /** Throws RUN_NOT_FOUND. */
  getRun(runId: string): Promise<Run>
  /** Newest first. */
  listRuns(filter?: { readonly experiment?: string; readonly limit?: number }): Promise<Run[]>
  /** Every point of a metric, by step and time. */
  metricHistory(runId: string, key: string): Promise<MetricPoint[]>
  listArtifacts(runId: string): Promise<Artifact[]>

  /** Copies the bundle into the store as the next version of the model. */
  registerModel(
    name: string,
    bundlePath: string,
    details?: { readonly runId?: string; readonly metrics?: MetricValues },
  ): Promise<ModelVersion>
  /** `name@alias` or `name/version`; `name@latest` is the newest version. Throws MODEL_NOT_FOUND. */
  resolveModel(reference: string): Promise<ModelVersion>
  /** By name. */
  listModels(): Promise<RegisteredModel[]>
  /** Points an alias to a version, wherever it pointed before. Throws MODEL_NOT_FOUND, OPTION_INVALID. */
  setAlias(name: string, alias: string, version: number): Promise<void>
  /** Throws MODEL_NOT_FOUND where the alias does not exist. */
  deleteAlias(name: string, alias: string): Promise<void>
  /** Oldest first. */
  auditTrail(model?: string): Promise<AuditEntry[]>

  close(): Promise<void>
}
