import type { Lifecycle } from '../experiments/experiments.ts'
import type { Page, PageRequest, SearchQuery } from '../search/page.ts'

export type RunStatus = 'running' | 'scheduled' | 'finished' | 'failed' | 'killed'

export interface MetricPoint {
  readonly key: string
  readonly value: number
  readonly step: number
  /** Milliseconds since 1970 UTC. */
  readonly timestampMs: number
}

/** A point to log; it may also measure a logged model, on a dataset. */
export interface NewMetricPoint extends MetricPoint {
  readonly modelId?: string
  readonly datasetName?: string
  readonly datasetDigest?: string
}

export interface Dataset {
  readonly name: string
  readonly digest: string
  readonly sourceType: string
  readonly source: string
  readonly schema?: string
  readonly profile?: string
}

export interface DatasetInput {
  readonly dataset: Dataset
  readonly tags: Readonly<Record<string, string>>
}

export interface ModelOutput {
  readonly modelId: string
  readonly step: number
}

export interface Run {
  readonly id: string
  readonly name: string
  /** Name of the experiment. */
  readonly experiment: string
  readonly experimentId: string
  readonly user: string
  readonly status: RunStatus
  readonly lifecycle: Lifecycle
  readonly startedMs: number
  readonly endedMs: number | null
  /** Root URI of its artifacts. */
  readonly artifactUri: string
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  /** The point of the highest step of each metric (then the latest, then the largest). */
  readonly metrics: Readonly<Record<string, MetricPoint>>
  readonly inputs: { readonly datasets: readonly DatasetInput[]; readonly modelIds: readonly string[] }
  readonly outputs: readonly ModelOutput[]
}

export interface NewRun {
  /** Name of the experiment; made where it does not exist. */
  readonly experiment?: string
  /** Id of the experiment, instead of its name. */
  readonly experimentId?: string
  readonly name?: string
  readonly user?: string
  readonly startedMs?: number
  readonly tags?: Readonly<Record<string, string>>
}

export interface RunChange {
  readonly status?: RunStatus
  readonly endedMs?: number
  readonly name?: string
}

/** What one call adds to a run. */
export interface RunBatch {
  readonly params?: Readonly<Record<string, string>>
  readonly metrics?: readonly NewMetricPoint[]
  readonly tags?: Readonly<Record<string, string>>
}

export interface RunQuery extends SearchQuery {
  readonly experimentIds: readonly string[]
  /** Default active. */
  readonly lifecycle?: Lifecycle | 'all'
}

/** What a bucket of steps holds: nothing is lost at rest, and little goes over the wire. */
export interface MetricBucket {
  readonly fromStep: number
  readonly toStep: number
  readonly count: number
  /** Over the values that are numbers; NaN where there are none. */
  readonly min: number
  readonly max: number
  readonly mean: number
}

export interface StepRange {
  readonly fromStep?: number
  readonly toStep?: number
}

export interface RunStore {
  /** Returns the id of the run. Throws RUN_NOT_FOUND, OPTION_INVALID where the experiment is deleted. */
  createRun(run: NewRun): Promise<string>
  /** Throws RUN_NOT_FOUND; STORE_CONFLICT where the run has ended otherwise before. */
  finishRun(runId: string, status: Exclude<RunStatus, 'running' | 'scheduled'>, endedMs?: number): Promise<void>
  /** Sets what is given, whatever it was before. Throws RUN_NOT_FOUND. */
  updateRun(runId: string, change: RunChange): Promise<void>
  /** A deleted run takes no writes, and goes for good with `collectGarbage`. Throws RUN_NOT_FOUND. */
  setRunLifecycle(runId: string, lifecycle: Lifecycle): Promise<void>
  /**
   * Adds parameters, metrics and tags, all or none; the promise resolves once they are committed. Calls that come while
   * another is written share a transaction. Tags are overwritten; a parameter keeps its value: another one is
   * STORE_CONFLICT. A point that is there already is not added again. Throws RUN_NOT_FOUND, OPTION_INVALID.
   */
  logBatch(runId: string, batch: RunBatch): Promise<void>
  /** Throws RUN_NOT_FOUND where the run or the tag does not exist. */
  deleteTag(runId: string, key: string): Promise<void>
  logInputs(runId: string, datasets: readonly DatasetInput[], modelIds?: readonly string[]): Promise<void>
  logOutputs(runId: string, models: readonly ModelOutput[]): Promise<void>
  /** Datasets that runs of the experiments read. */
  listDatasets(experimentIds: readonly string[]): Promise<DatasetSummary[]>
  /** Throws RUN_NOT_FOUND. */
  getRun(runId: string): Promise<Run>
  /** Active ones, newest first. */
  listRuns(filter?: { readonly experiment?: string; readonly limit?: number }): Promise<Run[]>
  /** Newest first where `orderBy` does not say otherwise. Throws OPTION_INVALID. */
  searchRuns(query: RunQuery): Promise<Page<Run>>
  /** Every point of a metric, by step and time. */
  metricHistory(runId: string, key: string): Promise<MetricPoint[]>
  metricHistoryPage(runId: string, key: string, page: PageRequest): Promise<Page<MetricPoint>>
  /** At most `buckets` equal ranges of steps, those without points left out. Throws RUN_NOT_FOUND, OPTION_INVALID. */
  metricBuckets(runId: string, key: string, range: StepRange & { readonly buckets: number }): Promise<MetricBucket[]>
  /** Points at evenly spread steps, the last one among them; about `limit` steps. */
  sampleMetric(runId: string, key: string, range: StepRange & { readonly limit: number }): Promise<MetricPoint[]>
}

export interface DatasetSummary {
  readonly experimentId: string
  readonly name: string
  readonly digest: string
  readonly context: string | null
}
