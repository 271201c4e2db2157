import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { frameRecord, readRecords } from './record-frame.ts'
import type { Position } from './segment-writer.ts'

/** A run as the server knows it; `rejected` says why it knows it not. */
export interface KnownRun {
  readonly run: string
  readonly id?: string
  readonly experimentId?: string
  readonly artifactUri?: string
  readonly rejected?: string
  readonly ended?: boolean
}

type ProgressRecord = { readonly kind: 'at'; readonly at: Position } | ({ readonly kind: 'run' } & KnownRun)

/** How far a journal is sent, beside it. Where the last lines are lost, a little is sent again, which changes nothing. */
export interface JournalProgress {
  readonly at: Position
  readonly runs: ReadonlyMap<string, KnownRun>
  advance(at: Position): void
  remember(run: KnownRun): void
}

export function openProgress(folder: string): JournalProgress {
  const path = join(folder, 'progress.log')
  const runs = new Map<string, KnownRun>()
  let at: Position = { segment: 1, offset: 0 }
  if (existsSync(path)) {
    const { records, wholeBytes } = readRecords<ProgressRecord>(readFileSync(path))
    truncateSync(path, wholeBytes)
    for (const { value } of records) {
      if (value.kind === 'at') at = value.at
      else runs.set(value.run, value)
    }
  }
  return {
    get at() {
      return at
    },
    runs,
    advance(next) {
      at = next
      appendFileSync(path, frameRecord({ kind: 'at', at: next } satisfies ProgressRecord))
    },
    remember(run) {
      runs.set(run.run, run)
      appendFileSync(path, frameRecord({ kind: 'run', ...run } satisfies ProgressRecord))
    },
  }
}
