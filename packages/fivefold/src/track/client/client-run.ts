import { randomUUID } from 'node:crypto'
import type { Clock, RunSink } from '../../core/index.ts'
import type { RecordedRun } from '../recorded-run.ts'
import type { NewMetricPoint } from '../runs/run.ts'
import type { JournalEntry, QueuedFile, Registration } from './journal/journal-entry.ts'

export interface NewClientRun {
  /** Name of the experiment; made where it does not exist. Default `Default`. */
  readonly experiment?: string
  readonly name?: string
  readonly user?: string
  readonly startedMs?: number
  readonly tags?: Readonly<Record<string, string>>
}

export interface LogModelOptions {
  /** Also makes the model a version of this registered model. */
  readonly register?: Registration
}

/**
 * A run that is written through the journal: every method returns at once and never throws for what the server or the disk
 * does, which `flush` and `status` of the client report.
 */
export interface ClientRun extends RecordedRun {
  /** Names the run before the server has given it an id. */
  readonly key: string
  /** The server's id, once it has answered. Throws RUN_NOT_FOUND where it refused the run. */
  id(): Promise<string>
  child(name: string, tags?: Readonly<Record<string, string>>): ClientRun
  params(values: Readonly<Record<string, string | number | boolean>>): void
  /** `step` for all of them; the same time for all. */
  metrics(values: Readonly<Record<string, number>>, step?: number): void
  /** A point with its own time. */
  point(point: Pick<NewMetricPoint, 'key' | 'value' | 'step' | 'timestampMs'>): void
  tags(values: Readonly<Record<string, string>>): void
  /** A folder as an MLflow model: a logged model of the run, and a version in the registry where asked for. */
  model(name: string, folder: string, options?: LogModelOptions): void
}

export interface RunBackend {
  readonly clock: Clock
  append(entry: JournalEntry): void
  /** Copies as they are now; undefined where they cannot be read, which is noted. */
  queueFiles(path: string): readonly QueuedFile[] | undefined
  idOf(key: string): Promise<string>
}

export function startClientRun(backend: RunBackend, run: NewClientRun, parent?: string): ClientRun {
  const { clock } = backend
  const key = randomUUID().replaceAll('-', '')
  const { experiment = 'Default', startedMs = clock.nowMs(), tags = {}, ...rest } = run
  backend.append({
    kind: 'run',
    run: key,
    experiment,
    startedMs,
    tags,
    ...rest,
    ...(parent !== undefined && { parent }),
  })
  return {
    ...clientRun(backend, key),
    child: (name, tags = {}) => startClientRun(backend, { experiment, name, tags }, key),
  }
}

function clientRun(backend: RunBackend, run: string): Omit<ClientRun, 'child'> {
  const { clock, append } = backend
  const param: RunSink['param'] = (key, value) => append({ kind: 'param', run, key, value: String(value) })
  const tag: RunSink['tag'] = (key, value) => append({ kind: 'tag', run, key, value })
  const point: ClientRun['point'] = ({ key, value, step, timestampMs }) =>
    append({ kind: 'metric', run, key, value: Number.isFinite(value) ? value : String(value), step, timestampMs })
  return {
    key: run,
    id: () => backend.idOf(run),
    param,
    tag,
    point,
    metric: (key, value, step = 0) => point({ key, value, step, timestampMs: clock.nowMs() }),
    params(values) {
      for (const [key, value] of Object.entries(values)) param(key, value)
    },
    metrics(values, step = 0) {
      const timestampMs = clock.nowMs()
      for (const [key, value] of Object.entries(values)) point({ key, value, step, timestampMs })
    },
    tags(values) {
      for (const [key, value] of Object.entries(values)) tag(key, value)
    },
    dataset: (input) => append({ kind: 'dataset', run, input }),
    artifact(name, path) {
      const files = backend.queueFiles(path)
      if (files) append({ kind: 'artifact', run, name, files })
    },
    model(name, folder, { register } = {}) {
      const files = backend.queueFiles(folder)
      const key = randomUUID()
      if (files) append({ kind: 'model', run, key, name, files, ...(register && { register }) })
    },
    end: (status = 'finished') => append({ kind: 'end', run, status, endedMs: clock.nowMs() }),
  }
}
