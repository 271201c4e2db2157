import type { DatasetInput, RunStatus } from '../../runs/run.ts'

/** Where a file waits to be sent: a copy in the journal, or the original where there was no room for one. */
export interface QueuedFile {
  /** Path below the name that it was logged under; '' where a single file was. */
  readonly name: string
  /** Name of the copy. */
  readonly copy?: string
  readonly original: string
  readonly sha256: string
  readonly sizeBytes: number
}

/** What becomes of a model's files beside being stored. */
export interface Registration {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
}

/** Values of a run, which are sent many at once. Numbers that are not finite are strings. */
export type LogEntry =
  | {
      readonly kind: 'metric'
      readonly run: string
      readonly key: string
      readonly value: number | string
      readonly step: number
      readonly timestampMs: number
    }
  | { readonly kind: 'param' | 'tag'; readonly run: string; readonly key: string; readonly value: string }

export interface RunEntry {
  readonly kind: 'run'
  readonly run: string
  readonly experiment: string
  readonly parent?: string
  readonly name?: string
  readonly user?: string
  readonly startedMs: number
  readonly tags: Readonly<Record<string, string>>
}

export interface ModelEntry {
  readonly kind: 'model'
  readonly run: string
  readonly key: string
  readonly name: string
  readonly files: readonly QueuedFile[]
  readonly register?: Registration
}

/** What is sent alone, in its place in the order. */
export type ActionEntry =
  | RunEntry
  | ModelEntry
  | { readonly kind: 'artifact'; readonly run: string; readonly name: string; readonly files: readonly QueuedFile[] }
  | { readonly kind: 'dataset'; readonly run: string; readonly input: DatasetInput }
  | { readonly kind: 'end'; readonly run: string; readonly status: RunStatus; readonly endedMs: number }

export type JournalEntry = LogEntry | ActionEntry

export const isLogEntry = (entry: JournalEntry): entry is LogEntry =>
  entry.kind === 'metric' || entry.kind === 'param' || entry.kind === 'tag'
