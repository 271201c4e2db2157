import { availableParallelism } from 'node:os'
import { FivefoldError } from './errors.ts'
import { createRng, type Rng } from './rng.ts'

export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. */
  nowMs(): number
  /** Never runs backwards; for durations. */
  monotonicMs(): number
}

export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
}

/** One step of a long job. `total` is absent where it is not known beforehand. */
export interface ProgressEvent {
  readonly stage: string
  readonly done: number
  readonly total?: number
  /** Short free text: a metric, a file, a candidate's name. */
  readonly note?: string
}

export type ProgressSink = (event: ProgressEvent) => void

/** Where parameters, metrics and files of the current work go; a tracking run, or nowhere. */
export interface RunSink {
  param(key: string, value: string | number | boolean): void
  metric(key: string, value: number, step?: number): void
  tag(key: string, value: string): void
  /** Copies a file or folder into the run under `name`. */
  artifact(name: string, path: string): void
  /** Begins a run inside this one: a candidate, a fold. Whoever began it ends it. */
  child(name: string, tags?: Readonly<Record<string, string>>): ChildRun
}

export type RunStatusAtEnd = 'finished' | 'failed' | 'killed'

export interface ChildRun extends RunSink {
  /** Default finished. */
  end(status?: RunStatusAtEnd): void
}

/** What every fit, scan and report is given from outside: there is no ambient state. */
export interface Context {
  readonly rng: Rng
  readonly seed: number
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly log: Logger
  readonly progress: ProgressSink
  readonly run: RunSink
  /** Upper bound of threads that the work may use; results do not depend on it. */
  readonly threads: number
}

const silent = (): void => {}

export const silentLogger: Logger = { debug: silent, info: silent, warn: silent }
export const nullRunSink: ChildRun = {
  param: silent,
  metric: silent,
  tag: silent,
  artifact: silent,
  child: () => nullRunSink,
  end: silent,
}
export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }

export interface ContextOptions extends Partial<Omit<Context, 'rng'>> {}

/** A context with quiet defaults: seed 0, no logging, no run, all cores, never cancelled. */
export function createContext(options: ContextOptions = {}): Context {
  const seed = options.seed ?? 0
  return {
    seed,
    rng: createRng(seed),
    signal: options.signal ?? new AbortController().signal,
    clock: options.clock ?? systemClock,
    log: options.log ?? silentLogger,
    progress: options.progress ?? silent,
    run: options.run ?? nullRunSink,
    threads: options.threads ?? availableParallelism(),
  }
}

/** The same context for one part of the work: its own random stream, everything else shared. */
export function forkContext(context: Context, name: string, changes: Partial<Context> = {}): Context {
  return { ...context, rng: context.rng.fork(name), ...changes }
}

/** Throws CANCELLED where the work was interrupted; call it between steps of any loop that takes long. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new FivefoldError('CANCELLED', 'interrupted', { cause: signal.reason })
}
