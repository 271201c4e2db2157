import type {
  ArtifactEntry,
  AuditRecord,
  Experiment,
  MetricSeries,
  ModelVersion,
  Page,
  RegisteredModel,
  Run,
} from './records.ts'
import type { ServingClient } from './serving-client.ts'

export interface RunQuery {
  readonly experimentIds: readonly string[]
  /** In the server's filter language. */
  readonly filter: string
  readonly orderBy: readonly string[]
  readonly deleted: boolean
  readonly limit: number
  readonly pageToken?: string
}

export interface ArtifactOwner {
  readonly runId?: string
  /** A model version, where no run is known. */
  readonly model?: { readonly name: string; readonly version: string }
}

/** Artifacts as text end after this many bytes. */
export interface TextArtifact {
  readonly text: string
  readonly isCut: boolean
}

/** What is there at the server that the console came from. */
export interface ConsoleHome {
  /** Whether runs and the registry are there. */
  readonly hasTracking: boolean
  /** Servers of models by the names that addresses give them. */
  readonly servers: ReadonlyMap<string, ServingClient>
}

/** Everything that the pages ask for. Methods that fail reject with a ClientError. */
export interface ConsoleClient {
  /** Whether the writing methods are there for the user; a static export only reads. */
  readonly canWrite: boolean
  /** The run that a static export holds; absent on a server. */
  readonly onlyRunId?: string

  home(signal: AbortSignal): Promise<ConsoleHome>

  searchExperiments(signal: AbortSignal): Promise<Experiment[]>
  experiment(id: string, signal: AbortSignal): Promise<Experiment>
  /** Undefined where the experiment has no run. */
  lastRun(experimentId: string, signal: AbortSignal): Promise<Run | undefined>
  /** How many runs each experiment has, by its id; undefined where the server does not tell. */
  runCounts(signal: AbortSignal): Promise<ReadonlyMap<string, number> | undefined>

  searchRuns(query: RunQuery, signal: AbortSignal): Promise<Page<Run>>
  run(id: string, signal: AbortSignal): Promise<Run>
  /** At most `maxPoints` points for each run, spread over its steps. */
  metricSeries(runIds: readonly string[], key: string, maxPoints: number, signal: AbortSignal): Promise<MetricSeries[]>
  listArtifacts(runId: string, path: string, signal: AbortSignal): Promise<ArtifactEntry[]>
  /** An address that the browser can show or download. */
  artifactUrl(owner: ArtifactOwner, path: string): string
  readText(owner: ArtifactOwner, path: string, maxBytes: number, signal: AbortSignal): Promise<TextArtifact>

  setRunTag(runId: string, key: string, value: string): Promise<void>
  deleteRunTag(runId: string, key: string): Promise<void>
  deleteRuns(runIds: readonly string[]): Promise<void>
  restoreRuns(runIds: readonly string[]): Promise<void>

  searchModels(signal: AbortSignal): Promise<RegisteredModel[]>
  model(name: string, signal: AbortSignal): Promise<RegisteredModel>
  modelVersions(name: string, signal: AbortSignal): Promise<ModelVersion[]>
  versionsOfRun(runId: string, signal: AbortSignal): Promise<ModelVersion[]>
  auditTrail(name: string, signal: AbortSignal): Promise<AuditRecord>
  setAlias(name: string, alias: string, version: string): Promise<void>
  deleteAlias(name: string, alias: string): Promise<void>
  setModelTag(name: string, key: string, value: string): Promise<void>
  deleteModelTag(name: string, key: string): Promise<void>
  setVersionTag(name: string, version: string, key: string, value: string): Promise<void>
  deleteVersionTag(name: string, version: string, key: string): Promise<void>
}
