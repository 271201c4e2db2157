import { appendFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Clock, FivefoldError, type Logger, silentLogger, systemClock } from '../../core/index.ts'
import { type ClientRun, type NewClientRun, startClientRun } from './client-run.ts'
import type { JournalDamage } from './journal/journal-reader.ts'
import { adoptSessions, beginSession, type JournalSession, type OwnSession } from './journal/journal-session.ts'
import { queueFiles } from './journal/queue-files.ts'
import type { WriteBytes } from './journal/segment-writer.ts'
import { createQueries, type TrackingQueries } from './queries/queries.ts'
import { createDelivery, type Rejection } from './sync/deliver.ts'
import { createRunIds } from './sync/run-ids.ts'
import { createSyncLoop } from './sync/sync-loop.ts'
import { createHttpWire } from './wire/http-wire.ts'

export interface TrackingClientOptions {
  /** An MLflow tracking server, Fivefold's own or another: `http://localhost:5000`. May hold user and password. */
  readonly url: string
  readonly token?: string
  /** Folder in which values wait until they are sent. Several processes may share it. */
  readonly journal: string
  readonly clock?: Clock
  readonly log?: Logger
  /** How long a value waits at most before it is sent. Default 200. */
  readonly delayMs?: number
  /** First pause after a failed attempt; it doubles with each, up to 30 seconds. Default 250. */
  readonly retryMs?: number
  /** Longest time without an answer. Default 30,000. */
  readonly timeoutMs?: number
  /** In place of the write to disk; for tests of full ones. */
  readonly write?: WriteBytes
}

export interface SyncStatus {
  /** Whether something is in this process's journal, or in what earlier processes left, that the server has not confirmed. */
  readonly pending: boolean
  /** Why the last attempt failed; absent where it did not. */
  readonly lastError?: FivefoldError
  /** Values that the server refused for good. They are in `rejected.jsonl` of the journal folder. */
  readonly rejected: number
  /** Values that wait in memory since the disk takes nothing. */
  readonly waitingInMemory: number
  /** Values for which there was no room in memory either. */
  readonly dropped: number
  /** What earlier processes left that could not be read. */
  readonly damage: readonly JournalDamage[]
}

export interface TrackingClient extends TrackingQueries, AsyncDisposable {
  /** Begins a run, at once, whether or not the server can be reached. Throws STORAGE_FULL, STORAGE_DENIED. */
  startRun(run?: NewClientRun): ClientRun
  /**
   * Sends all that was logged and waits for the answers. Throws the first error since the last call: STORE_UNAVAILABLE
   * where the server did not answer in time (nothing is lost), STORAGE_FULL, or why the server refused a value.
   */
  flush(options?: { readonly timeoutMs?: number }): Promise<void>
  status(): SyncStatus
  /** Like `flush`, but for at most 5 seconds by default; what is left is sent by the next client of the same journal. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
}

const FLUSH_MS = 60_000
const CLOSE_MS = 5000
const FSYNC_MS = 500
const HEARTBEAT_MS = 20_000

/**
 * Logs to an MLflow server without waiting for it. What a logging call was given is in the journal when it returns, and so
 * survives the end of the process; a background task sends it in order, and goes on where an earlier process ended. What
 * arrives twice counts once, since points, parameters and tags are named by their content.
 */
export function createTrackingClient(options: TrackingClientOptions): TrackingClient {
  const { clock = systemClock, log = silentLogger, delayMs = 200, retryMs = 250 } = options
  const url = checkUrl(options.url)
  const root = resolve(options.journal)
  const wire = createHttpWire({ ...options, url })
  const ids = createRunIds()
  let own: OwnSession | undefined
  let left: JournalSession[] = []
  let hasLooked = false
  let isClosed = false
  let failure: FivefoldError | undefined
  let rejected = 0
  const damage: JournalDamage[] = []
  const timers: NodeJS.Timeout[] = []
  const rejections: Promise<void>[] = []

  const note = (error: FivefoldError): void => {
    failure ??= error
    log.warn(error.message, { code: error.code })
  }
  const onRejected = ({ entries, error }: Rejection): void => {
    rejected += entries.length
    note(error)
    for (const entry of entries) if (entry.kind === 'run') ids.reject(entry.run, error)
    const lines = entries.map((entry) => `${JSON.stringify({ reason: error.message, entry })}\n`)
    rejections.push(
      appendFile(join(root, 'rejected.jsonl'), lines.join('')).catch((thrown) => note(FivefoldError.from(thrown))),
    )
  }
  const delivery = createDelivery(wire, {
    onRejected,
    onRun: ({ run, id }) => ids.resolve(run, id!),
    onAdvance: () => loop.advanced(),
  })

  const adopt = async (): Promise<void> => {
    if (hasLooked) return
    hasLooked = true
    for (const { session, damage: found } of await adoptSessions(root, url)) {
      left.push(session)
      damage.push(...found)
      for (const { file, bytes } of found)
        log.warn(`${bytes} bytes at the end of ${file} were not written to the end and are left out`)
    }
  }
  const drain = async (): Promise<void> => {
    await adopt()
    while (left.length > 0) {
      await delivery.drain(left[0]!)
      await killUnended(left[0]!)
      await left[0]!.remove()
      left = left.slice(1)
    }
    if (!own) return
    own.writer.writeWaiting()
    await delivery.drain(own)
  }
  /** Whoever made the runs is gone. */
  const killUnended = async ({ isOrphan, progress }: JournalSession): Promise<void> => {
    if (!isOrphan) return
    for (const { id, ended } of progress.runs.values())
      if (id !== undefined && !ended)
        await wire.call('POST', 'runs/update', { run_id: id, status: 'KILLED', end_time: clock.nowMs() })
  }
  const loop = createSyncLoop({ drain, delayMs, retryMs })

  const session = (): OwnSession => {
    if (isClosed) throw new FivefoldError('OPTION_INVALID', 'the tracking client is closed')
    if (own) return own
    own = beginSession(root, url, options.write)
    const { writer, beat } = own
    // A disk that fails here fails the next write as well, which reports it.
    const quietly = (work: () => Promise<void>) => (): void => void work().catch(() => undefined)
    timers.push(setInterval(quietly(writer.sync), FSYNC_MS).unref(), setInterval(quietly(beat), HEARTBEAT_MS).unref())
    return own
  }
  const backend = {
    clock,
    append(entry) {
      session().writer.append(entry)
      loop.wake()
    },
    queueFiles(path) {
      try {
        const queued = queueFiles(session().files, path)
        if (queued.failure) note(queued.failure)
        return queued.files
      } catch (thrown) {
        note(FivefoldError.from(thrown, 'ARTIFACT_NOT_FOUND'))
        return undefined
      }
    },
    idOf: (key) => ids.wait(key),
  } satisfies Parameters<typeof startClientRun>[0]

  const throwNoted = (): void => {
    const full = own?.writer.writeWaiting()
    const error = failure ?? full
    failure = undefined
    if (error) throw error
  }
  const finish = async (timeoutMs: number): Promise<void> => {
    await own?.writer.sync().catch(() => undefined)
    await loop.finish(timeoutMs)
    await Promise.all(rejections.splice(0))
    throwNoted()
  }
  const isPending = (): boolean =>
    left.length > 0 || (own !== undefined && (own.writer.waiting > 0 || !isSame(own.progress.at, own.end)))
  const leave = async (): Promise<void> => {
    for (const timer of timers) clearInterval(timer)
    loop.stop()
    wire.close()
    ids.close()
    if (!own) return
    const hasMore = !isSame(own.progress.at, own.end)
    own.leave(hasMore)
    if (!hasMore) await own.remove()
  }

  loop.wake()
  const client: TrackingClient = {
    ...createQueries(wire),
    startRun: (run = {}) => startClientRun(backend, run),
    flush: ({ timeoutMs = FLUSH_MS } = {}) => finish(timeoutMs),
    status: () => ({
      pending: isPending(),
      ...(loop.lastError && { lastError: loop.lastError }),
      rejected,
      waitingInMemory: own?.writer.waiting ?? 0,
      dropped: own?.writer.dropped ?? 0,
      damage,
    }),
    async close({ timeoutMs = CLOSE_MS } = {}) {
      if (isClosed) return
      try {
        await finish(timeoutMs)
      } finally {
        isClosed = true
        await leave()
      }
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
  return client
}

const isSame = (a: { segment: number; offset: number }, b: { segment: number; offset: number }): boolean =>
  a.segment === b.segment && a.offset === b.offset

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href.replace(/\/+$/, '')
  throw new FivefoldError(
    'OPTION_INVALID',
    `'${text}' is no address of a tracking server: it has to begin with http:// or https://`,
  )
}
