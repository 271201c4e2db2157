import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { type Context, FivefoldError, isOwnerGone, OWNER_TAG } from '../../../core/index.ts'
import type { ModelRepository } from '../runtime/model-repository.ts'
import { type JobFolder, openJobFolder } from './job-folder.ts'
import type { FileFormat, InputFormat, JobRecord, JobStatus } from './job-record.ts'
import { scoreFile } from './score-file.ts'

export interface JobsOptions {
  /** Folder of the jobs: what was sent and what was answered, until it expires. One server a folder. */
  readonly dir: string
  /** Largest upload. Default 1 GiB. */
  readonly uploadBytes?: number
  /** Most bytes of all jobs together. Default 10 GiB. */
  readonly diskBytes?: number
  /** How long a job is kept after its end. Default a day. */
  readonly keepMs?: number
}

export interface JobRequest {
  readonly model?: string
  readonly version?: string
  readonly input: InputFormat
  readonly output: FileFormat
  /** The bytes of the file. */
  readonly body: Readable
}

/** Jobs of this server; one is worked on at a time. */
export interface Jobs {
  /** @throws MODEL_NOT_FOUND, MODEL_UNSUPPORTED, REQUEST_TOO_LARGE, STORAGE_FULL, SERVER_OVERLOADED */
  submit(request: JobRequest): Promise<JobStatus>
  /** @throws JOB_NOT_FOUND */
  status(id: string): JobStatus
  /** Path and format of the answers. @throws JOB_NOT_FOUND, JOB_NOT_DONE */
  result(id: string): { readonly path: string; readonly format: FileFormat }
  /** Stops it where it runs, and removes its files. @throws JOB_NOT_FOUND */
  remove(id: string): Promise<JobStatus>
  /** Leaves off what is being worked on: it begins again when a server opens the folder. */
  close(): Promise<void>
}

/** A gibibyte. */
export const DEFAULT_UPLOAD_BYTES = 2 ** 30
const DEFAULT_DISK_BYTES = 10 * DEFAULT_UPLOAD_BYTES
const DAY_MS = 86_400_000
const SWEEP_MS = 60_000
const MOST_WAITING = 100

interface Job {
  record: JobRecord
  rowsDone: number
  /** When the first rows were answered, and how many. */
  pace?: { readonly sinceMs: number; readonly rows: number }
  readonly cancel: AbortController
}

/** Opens the jobs of a folder; those that a server left unfinished begin again. */
export async function openJobs(options: JobsOptions, repository: ModelRepository, context: Context): Promise<Jobs> {
  const { dir, uploadBytes = DEFAULT_UPLOAD_BYTES, diskBytes = DEFAULT_DISK_BYTES, keepMs = DAY_MS } = options
  const folder = openJobFolder(dir, { uploadBytes, diskBytes })
  const jobs = new Map<string, Job>()
  const queue: Job[] = []
  let working: Promise<void> | undefined
  let isClosed = false

  const update = async (job: Job, changes: Partial<JobRecord>): Promise<void> => {
    job.record = { ...job.record, ...changes }
    await folder.save(job.record)
  }
  const statusOf = (job: Job): JobStatus => toStatus(job, keepMs, context.clock.nowMs())
  const find = (id: string): Job => {
    const job = jobs.get(id)
    if (job) return job
    throw new FivefoldError('JOB_NOT_FOUND', `there is no job '${id.slice(0, 100)}'`)
  }
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job && !isClosed; job = queue.shift()) await run(job)
    working = undefined
  }
  const enqueue = (job: Job): void => {
    jobs.set(job.record.id, job)
    queue.push(job)
    working ??= work()
  }
  const run = async (job: Job): Promise<void> => {
    await update(job, { state: 'running', startedMs: context.clock.nowMs() })
    const ended = await attempt(job, folder, repository, context)
    // What was removed while it ran may have left something behind.
    if (!jobs.has(job.record.id)) return folder.remove(job.record.id)
    // What is left off because the server stops stays as it is on disk: running.
    if (isClosed) return
    await update(job, { ...ended, endedMs: context.clock.nowMs() })
    await folder.removeInput(job.record.id)
  }
  const sweep = async (): Promise<void> => {
    for (const { record } of jobs.values())
      if (record.endedMs !== undefined && record.endedMs + keepMs <= context.clock.nowMs()) {
        jobs.delete(record.id)
        await folder.remove(record.id)
      }
  }

  for (const record of await folder.records()) {
    const job = { record, rowsDone: record.state === 'done' ? (record.rows ?? 0) : 0, cancel: new AbortController() }
    if (record.endedMs !== undefined) jobs.set(record.id, job)
    else if (record.owner === OWNER_TAG || isOwnerGone(record.owner)) {
      await update(job, { state: 'queued', owner: OWNER_TAG })
      enqueue(job)
    }
  }
  await sweep()
  const sweeper = setInterval(() => void sweep().catch(() => {}), SWEEP_MS).unref()

  return {
    async submit({ model, version, input, output, body }) {
      if (queue.length >= MOST_WAITING)
        throw new FivefoldError('SERVER_OVERLOADED', `${queue.length} jobs are waiting already`)
      const chosen = repository.endpoint(model, version)
      if (!chosen.model.table || !chosen.probe)
        throw new FivefoldError(
          'MODEL_UNSUPPORTED',
          `files are answered by a version of a bundle, not by '${chosen.model.name}'`,
        )
      const id = randomUUID()
      await folder.receive(id, body)
      const record: JobRecord = {
        ...{ id, input, output, model: chosen.model.name, version: chosen.model.version },
        ...{ state: 'queued', createdMs: context.clock.nowMs(), warnings: [], owner: OWNER_TAG },
      }
      const job = { record, rowsDone: 0, cancel: new AbortController() }
      await folder.save(record)
      enqueue(job)
      return statusOf(job)
    },
    status: (id) => statusOf(find(id)),
    result(id) {
      const { record } = find(id)
      if (record.state === 'done') return { path: folder.resultPath(record), format: record.output }
      throw new FivefoldError('JOB_NOT_DONE', `the job is ${record.state}`)
    },
    async remove(id) {
      const job = find(id)
      const isOpen = job.record.endedMs === undefined
      if (isOpen) job.record = { ...job.record, state: 'cancelled', endedMs: context.clock.nowMs() }
      job.cancel.abort()
      const at = queue.indexOf(job)
      if (at >= 0) queue.splice(at, 1)
      jobs.delete(id)
      await folder.remove(id)
      return statusOf(job)
    },
    async close() {
      isClosed = true
      clearInterval(sweeper)
      for (const { cancel } of jobs.values()) cancel.abort()
      await working
    },
  }
}

/** How a job ended. */
async function attempt(
  job: Job,
  folder: JobFolder,
  repository: ModelRepository,
  context: Context,
): Promise<Partial<JobRecord>> {
  const { record, cancel } = job
  const warnings: string[] = []
  const log = { ...context.log, warn: (message: string) => void warnings.push(message) }
  try {
    await stat(folder.inputPath(record.id))
    const rows = await scoreFile({
      endpoint: repository.endpoint(record.model, record.version),
      input: { path: folder.inputPath(record.id), format: record.input },
      output: { path: folder.resultPath(record), format: record.output },
      requestId: record.id,
      onProgress: (done, total) => {
        job.rowsDone = done
        job.pace ??= { sinceMs: context.clock.nowMs(), rows: done }
        job.record = { ...job.record, rows: total }
      },
      // One thread: whoever waits for an answer needs the others.
      context: {
        ...context,
        log,
        progress: () => {},
        threads: 1,
        signal: AbortSignal.any([cancel.signal, context.signal]),
      },
    })
    await folder.requireSpace()
    return { state: 'done', rows, warnings }
  } catch (thrown) {
    await folder.removeResult(record)
    const { code, message, remedy } = FivefoldError.from(thrown)
    return { state: 'failed', warnings, error: { code, message: withoutPaths(message, folder, record), remedy } }
  }
}

/** The sender knows nothing of our disk, and need not. */
const withoutPaths = (message: string, folder: JobFolder, record: JobRecord): string =>
  message.replaceAll(folder.inputPath(record.id), 'the file').replaceAll(folder.resultPath(record), 'the result')

function toStatus(job: Job, keepMs: number, nowMs: number): JobStatus {
  const { owner: _, ...shown } = job.record
  const { endedMs } = job.record
  const secondsLeft = endedMs === undefined ? secondsOf(job, nowMs) : undefined
  return {
    ...shown,
    rowsDone: job.rowsDone,
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
    ...(endedMs === undefined ? {} : { expiresMs: endedMs + keepMs }),
  }
}

function secondsOf({ record: { rows = 0 }, rowsDone, pace }: Job, nowMs: number): number | undefined {
  if (!pace || rowsDone === pace.rows) return undefined
  return Math.ceil(((nowMs - pace.sinceMs) * (rows - rowsDone)) / (rowsDone - pace.rows) / 1000)
}
