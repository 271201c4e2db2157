import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FivefoldError } from '../../../core/index.ts'
import { type ActionEntry, isLogEntry, type JournalEntry, type LogEntry } from '../journal/journal-entry.ts'
import type { KnownRun } from '../journal/journal-progress.ts'
import type { PlacedEntry } from '../journal/journal-reader.ts'
import type { JournalSession } from '../journal/journal-session.ts'
import type { HttpWire } from '../wire/http-wire.ts'
import { WireError } from '../wire/wire-error.ts'
import { planBatches, toWireBatch } from './log-batches.ts'
import { sendFiles } from './send-files.ts'
import { sendModel } from './send-model.ts'
import { RUN_KEY_TAG, sendRun } from './send-run.ts'

/** What the server will never take, and why. */
export interface Rejection {
  readonly entries: readonly JournalEntry[]
  readonly error: FivefoldError
}

export interface DeliveryEvents {
  onRun(run: KnownRun): void
  onAdvance(): void
  onRejected(rejection: Rejection): void
}

const MOST_AT_ONCE = 4000
/** Failures of a server inside, one after the other, after which the values themselves are suspected. */
const SUSPICIOUS_FAILURES = 4

export interface Delivery {
  /** Sends what a journal holds, in order, until it is empty. Throws where the server is not to be reached. */
  drain(session: JournalSession): Promise<void>
}

export function createDelivery(wire: HttpWire, events: DeliveryEvents): Delivery {
  /** Journals whose next entry the server may have got already. */
  const doubtful = new WeakMap<JournalSession, boolean>()
  let innerFailures = 0

  const drain = async (session: JournalSession): Promise<void> => {
    for (;;) {
      const entries = await session.read(MOST_AT_ONCE)
      if (entries.length === 0) return
      try {
        await sendEntries(session, entries)
      } catch (error) {
        doubtful.set(session, true)
        innerFailures = isInner(error) ? innerFailures + 1 : 0
        throw error
      }
    }
  }
  const sendEntries = async (session: JournalSession, entries: readonly PlacedEntry[]): Promise<void> => {
    for (let at = 0; at < entries.length; ) {
      const logs: LogEntry[] = []
      let end = entries[at]!.end
      let sent: ActionEntry | undefined
      for (; at < entries.length; at++) {
        const { entry } = entries[at]!
        if (!isLogEntry(entry)) break
        logs.push(entry)
        end = entries[at]!.end
      }
      if (logs.length > 0) for (const { run, entries: part } of planBatches(logs)) await sendLogs(session, run, part)
      else {
        sent = entries[at++]!.entry as ActionEntry
        await sendAction(session, sent)
      }
      await session.advance(end)
      events.onAdvance()
      if (sent) await removeCopies(session, sent)
      doubtful.set(session, false)
      innerFailures = 0
    }
  }

  /** A call is refused as a whole: by halves it is found out for which entry. */
  const sendLogs = async (session: JournalSession, run: string, entries: readonly LogEntry[]): Promise<void> => {
    const known = session.progress.runs.get(run)
    if (known?.id === undefined) return events.onRejected({ entries, error: noRun(run, known) })
    try {
      await wire.call('POST', 'runs/log-batch', { run_id: known.id, ...toWireBatch(entries) })
    } catch (error) {
      const isSuspect = isInner(error) && innerFailures >= SUSPICIOUS_FAILURES
      if (isSuspect) await rewriteKey(wire, run, known.id)
      const reason = isSuspect ? error : finalReason(error)
      if (entries.length === 1 || reason.code === 'RUN_NOT_FOUND') return events.onRejected({ entries, error: reason })
      const middle = entries.length >> 1
      await sendLogs(session, run, entries.slice(0, middle))
      await sendLogs(session, run, entries.slice(middle))
    }
  }

  const sendAction = async (session: JournalSession, entry: ActionEntry): Promise<void> => {
    try {
      await act(session, entry)
    } catch (thrown) {
      const error = finalReason(thrown)
      if (entry.kind === 'run') session.progress.remember({ run: entry.run, rejected: error.message })
      events.onRejected({ entries: [entry], error })
    }
  }

  const act = async (session: JournalSession, entry: ActionEntry): Promise<void> => {
    const { runs } = session.progress
    if (entry.kind === 'run') {
      const parent = entry.parent === undefined ? undefined : runs.get(entry.parent)
      if (entry.parent !== undefined && parent?.id === undefined) throw noRun(entry.parent, parent)
      if (runs.has(entry.run)) return
      const run = await sendRun(wire, entry, parent?.id, doubtful.get(session) ?? true)
      session.progress.remember(run)
      return events.onRun(run)
    }
    const known = runs.get(entry.run)
    if (known?.id === undefined) throw noRun(entry.run, known)
    const run = { id: known.id, experimentId: known.experimentId!, artifactUri: known.artifactUri! }
    if (entry.kind === 'artifact')
      return sendFiles(wire, run.artifactUri, entry.name, { copies: session.files, files: entry.files })
    if (entry.kind === 'model') return sendModel(wire, entry, run, session.files)
    if (entry.kind === 'dataset') return sendDataset(wire, run.id, entry.input)
    const ended = { run_id: run.id, status: entry.status.toUpperCase(), end_time: entry.endedMs }
    await wire.call('POST', 'runs/update', ended)
    session.progress.remember({ ...known, ended: true })
  }
  return { drain }
}

/** MLflow's file store answers so to a value that it will never take; a database that is away is answered so as well. */
const isInner = (error: unknown): error is WireError =>
  error instanceof WireError && error.status === 500 && error.wireCode === 'INTERNAL_ERROR'

/** A write that changes nothing. Throws where the server takes none at all. */
async function rewriteKey(wire: HttpWire, run: string, id: string): Promise<void> {
  await wire.call('POST', 'runs/log-batch', { run_id: id, tags: [{ key: RUN_KEY_TAG, value: run }] })
}

/** Why an entry will never be taken. Throws on what may pass: a server out of reach, a full disk. */
function finalReason(thrown: unknown): FivefoldError {
  if (!(thrown instanceof FivefoldError) || (thrown instanceof WireError && !thrown.isFinal)) throw thrown
  return thrown
}

/** Only once the journal says that they are sent: else they would be missed. */
async function removeCopies(session: JournalSession, entry: ActionEntry): Promise<void> {
  if (!('files' in entry)) return
  for (const { copy } of entry.files) if (copy !== undefined) await rm(join(session.files, copy), { force: true })
}

const noRun = (run: string, known: KnownRun | undefined): FivefoldError =>
  new FivefoldError('RUN_NOT_FOUND', `the server has no run for ${run}: ${known?.rejected ?? 'it was not begun'}`)

type DatasetEntry = Extract<ActionEntry, { kind: 'dataset' }>

async function sendDataset(wire: HttpWire, runId: string, { dataset, tags }: DatasetEntry['input']): Promise<void> {
  const { sourceType, ...fields } = dataset
  await wire.call('POST', 'runs/log-inputs', {
    run_id: runId,
    datasets: [
      {
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
        dataset: { ...fields, source_type: sourceType },
      },
    ],
  })
}
