/** What the console shows, whoever it comes from. Times are milliseconds since 1970 UTC. */

export interface Experiment {
  readonly id: string
  readonly name: string
  readonly createdMs: number | undefined
  readonly updatedMs: number | undefined
  readonly tags: Tags
}

export type Tags = Readonly<Record<string, string>>

export type RunStatus = 'running' | 'scheduled' | 'finished' | 'failed' | 'killed'

export interface Metric {
  readonly value: number
  readonly step: number
  readonly timestampMs: number
}

export interface Dataset {
  readonly name: string
  readonly digest: string
  readonly sourceType: string
  readonly source: string
  /** As `training`; empty where nothing is said. */
  readonly context: string
}

export interface Run {
  readonly id: string
  readonly name: string
  readonly experimentId: string
  readonly status: RunStatus
  readonly startedMs: number | undefined
  readonly endedMs: number | undefined
  readonly user: string
  readonly deleted: boolean
  readonly metrics: Readonly<Record<string, Metric>>
  readonly params: Tags
  readonly tags: Tags
  readonly datasets: readonly Dataset[]
}

/** Points of one metric of one run in the order of their steps; `steps[i]` belongs to `values[i]`. */
export interface MetricSeries {
  readonly runId: string
  readonly key: string
  readonly steps: readonly number[]
  readonly timesMs: readonly number[]
  readonly values: readonly number[]
}

export interface ArtifactEntry {
  /** From the root of the run, with slashes. */
  readonly path: string
  readonly isFolder: boolean
  readonly sizeBytes: number | undefined
}

export interface ModelAlias {
  readonly alias: string
  readonly version: string
}

export interface RegisteredModel {
  readonly name: string
  readonly createdMs: number | undefined
  readonly updatedMs: number | undefined
  readonly description: string
  readonly tags: Tags
  readonly aliases: readonly ModelAlias[]
  /** The newest version that the answer names; none where the model has no version. */
  readonly latestVersion: string | undefined
}

export interface ModelVersion {
  readonly name: string
  readonly version: string
  readonly createdMs: number | undefined
  readonly stage: string
  readonly description: string
  readonly source: string
  /** Empty where no run made it. */
  readonly runId: string
  readonly status: string
  readonly tags: Tags
  readonly aliases: readonly string[]
}

/** A change of the registry. */
export interface AuditEntry {
  readonly timeMs: number
  readonly action: string
  /** Such as the version or the alias that it was about; without what is not known. */
  readonly details: Readonly<Record<string, string>>
}

/** Newest first; undefined where the server keeps no record. */
export interface AuditRecord {
  readonly entries: readonly AuditEntry[] | undefined
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly nextToken?: string
}
