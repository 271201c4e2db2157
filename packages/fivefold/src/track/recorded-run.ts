import type { ChildRun } from '../core/index.ts'
import type { DatasetInput } from './runs/run.ts'

/** A run as work reports into it: of a store, or of a server through its client. No method waits. */
export interface RecordedRun extends ChildRun {
  child(name: string, tags?: Readonly<Record<string, string>>): RecordedRun
  /** Data that the run read. */
  dataset(input: DatasetInput): void
  /** A folder with an `MLmodel` as a logged model of the run. */
  model(name: string, folder: string): void
}
