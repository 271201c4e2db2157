import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Context, FivefoldError, writeFileAtomic } from '../../../core/index.ts'
import { decodeFrames, encodeFrame } from '../../prediction-log/frames.ts'
import { listLogFiles, segmentPath } from '../../prediction-log/log-files.ts'
import { createSegmentWriter } from '../../prediction-log/segment-writer.ts'
import { lockForWriting } from '../../prediction-log/writer-lock.ts'
import { type LogEvent, logEventSchema } from './log-event.ts'

export interface EventLogOptions {
  /** A folder of its own. One writer at a time. */
  readonly dir: string
  readonly context: Context
  /** What has been made of the events so far, as plain data; stored so that segments can be given up. */
  readonly summarise: () => unknown
  /** Default 4 MiB. */
  readonly segmentBytes?: number
  /** Segments that are kept; older ones are removed. Default 16. */
  readonly keptSegments?: number
}

/** What a log held when it was opened. */
export interface Recovered {
  /** The last summary that was stored; undefined where there is none. */
  readonly summary: unknown
  /** Every event that is kept, in order. */
  readonly events: readonly RecoveredEvent[]
}

export interface RecoveredEvent {
  readonly event: LogEvent
  /** Whether the summary knows of it. */
  readonly isSummarised: boolean
}

export interface EventLog {
  /** Resolves once the event is on disk: within a tenth of a second, or as soon as can be. Rejects where it could not be written. */
  append(event: LogEvent, when: 'soon' | 'now'): Promise<void>
  /** Writes the summary of everything appended so far. */
  summarise(): Promise<void>
  close(): Promise<void>
}

const MAGIC = Buffer.from('FFROLL1\n', 'latin1')
const FLUSH_MS = 100
const DEFAULT_SEGMENT_BYTES = 4 * 1024 * 1024
const DEFAULT_KEPT_SEGMENTS = 16
const summaryPath = (dir: string): string => join(dir, 'summary.json')

/**
 * A durable log of answers and outcomes in numbered segments. Events that can wait are collected for a tenth of a second and synced
 * together, so that the log does not slow the answers; a crash loses at most those. Old segments are removed once their events are in
 * a stored summary.
 *
 * @throws STORE_CONFLICT where another process writes the folder; STORE_UNAVAILABLE
 */
export async function openEventLog(options: EventLogOptions): Promise<{ log: EventLog; recovered: Recovered }> {
  const { dir } = options
  const lock = await lockForWriting(dir)
  try {
    const files = await listLogFiles(dir)
    const recovered = await recover(dir, files.segments)
    const log = createLog(options, { files: [...files.segments], number: recovered.last, release: lock.release })
    return { log, recovered: { summary: recovered.summary, events: recovered.events } }
  } catch (thrown) {
    await lock.release()
    throw FivefoldError.from(thrown, 'STORE_UNAVAILABLE')
  }
}

interface Start {
  readonly files: number[]
  /** Number of the last event. */
  readonly number: number
  readonly release: () => Promise<void>
}

function createLog(options: EventLogOptions, start: Start): EventLog {
  const { dir, segmentBytes = DEFAULT_SEGMENT_BYTES, keptSegments = DEFAULT_KEPT_SEGMENTS } = options
  const { files } = start
  let number = start.number
  let waiting: Buffer[] = []
  let flushing: Promise<void> | undefined
  let written: Promise<void> = Promise.resolve()
  let summarising: Promise<void> = Promise.resolve()
  let closed: Promise<void> | undefined

  const summarise = (): Promise<void> => {
    summarising = summarising.then(async () => {
      await writeFileAtomic(summaryPath(dir), JSON.stringify({ format: 1, number, summary: options.summarise() }))
      while (files.length > keptSegments) await rm(segmentPath(dir, files.shift()!), { force: true })
    })
    return summarising
  }
  const writer = createSegmentWriter({
    ...{ dir, segmentBytes, start: MAGIC, firstSequence: (files[files.length - 1] ?? 0) + 1 },
    onClosed: (sequence) => {
      files.push(sequence)
      void summarise().catch((thrown: unknown) => {
        options.context.log.warn('the summary of a roll-out could not be stored', { reason: String(thrown) })
      })
    },
  })
  /** Writes what waits; where another call took it along already, resolves with that one. */
  const writeWaiting = (): Promise<void> => {
    if (waiting.length > 0) written = writer.append(Buffer.concat(waiting))
    waiting = []
    return written
  }
  const flush = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, FLUSH_MS))
    flushing = undefined
    await writeWaiting()
  }
  const close = async (): Promise<void> => {
    try {
      await flushing?.catch(() => {})
      await writer.close()
      await summarise()
    } finally {
      await start.release()
    }
  }
  return {
    append: (event, when) => {
      if (closed) return Promise.reject(new FivefoldError('STORE_UNAVAILABLE', 'the log of the roll-out is closed'))
      number++
      waiting.push(encodeFrame(Buffer.from(JSON.stringify({ number, event }), 'utf8')))
      if (when === 'now') return writeWaiting()
      flushing ??= flush()
      return flushing
    },
    summarise,
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

async function recover(dir: string, segments: readonly number[]): Promise<Recovered & { readonly last: number }> {
  const { number: known, summary } = await readSummary(dir)
  const events: RecoveredEvent[] = []
  let last = known
  for (const sequence of segments) {
    for (const payload of decodeFrames(await readFile(segmentPath(dir, sequence)), MAGIC).payloads) {
      const { number, event } = JSON.parse(payload.toString('utf8')) as { number: number; event: unknown }
      const parsed = logEventSchema.safeParse(event)
      if (!parsed.success) continue
      events.push({ event: parsed.data, isSummarised: number <= known })
      last = Math.max(last, number)
    }
  }
  return { summary, events, last }
}

async function readSummary(dir: string): Promise<{ number: number; summary: unknown }> {
  const text = await readFile(summaryPath(dir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return { number: 0, summary: undefined }
  const stored = JSON.parse(text) as { format?: unknown; number?: unknown; summary?: unknown }
  if (stored.format !== 1 || typeof stored.number !== 'number')
    throw new FivefoldError('STORE_UNAVAILABLE', `${summaryPath(dir)} is not a summary that this release reads`)
  return { number: stored.number, summary: stored.summary }
}

/** Answers do not wait for the log, so what it could not take is told to whoever reads the server's log. */
export function warnOfLog(context: Context, deployment: string, thrown: unknown): void {
  context.log.warn('answers could not be logged; what is learned from them is lost at the next start', {
    ...{ deployment, reason: thrown instanceof Error ? thrown.message : String(thrown) },
  })
}
