import type { RawColumn, Reading } from '../infer/reading.ts'

/** The relation `cleaned` of a session: the source's columns, texts trimmed, marks of missing values as NULL. */
export interface LoadedSource {
  readonly columns: readonly RawColumn[]
  /** Columns that `cleaned` holds in their final type already. */
  readonly readings?: ReadonlyMap<string, Reading>
  /** Shown in messages. */
  readonly place: string
  readonly commaDelimited: boolean
}
