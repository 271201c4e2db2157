import type { Transferable } from 'node:worker_threads'
import { FivefoldError, startWorker, throwIfCancelled, workerUrl } from '../../core/index.ts'
import type { TensorLiteral } from '../tensor.ts'
import { buffersOf, detached } from './detached-tensors.ts'
import type { SessionOptions } from './runtime.ts'
import type { OnnxSession, SessionValue } from './session.ts'

type Tensors = Readonly<Record<string, TensorLiteral>>

export interface WorkerRunOptions {
  /** Gives the call up with CANCELLED. A run that has begun goes on in the thread, and its result is dropped. */
  readonly signal?: AbortSignal
  /** Moves the memory of the feeds to the thread instead of copying it: the caller's arrays are empty afterwards. */
  readonly transfersFeeds?: boolean
}

/** A session in a thread of its own: nothing blocks the caller's event loop. Runs take turns. */
export interface WorkerSession extends OnnxSession {
  /**
   * As `OnnxSession.run`; results come without a copy.
   * Throws INTERNAL where the thread died.
   */
  run(feeds: Tensors, outputs?: readonly string[], options?: WorkerRunOptions): Promise<Record<string, TensorLiteral>>
  /** Rejects runs that wait, and ends the thread once the one under way is done. An idle thread does not keep the process alive. */
  close(): Promise<void>
}

/** What the thread offers. */
export type SessionFunctions = {
  load(
    model: Uint8Array | string,
    options: SessionOptions,
  ): Promise<{ readonly inputs: readonly SessionValue[]; readonly outputs: readonly SessionValue[] }>
  run(feeds: Tensors, outputs: readonly string[] | undefined): Promise<Record<string, TensorLiteral>>
}

/** Loads a model, or the file at a path, in a thread. Throws what `createSession` throws. */
export async function createWorkerSession(
  model: Uint8Array | string,
  options: SessionOptions = {},
): Promise<WorkerSession> {
  const worker = startWorker<SessionFunctions>(workerUrl(import.meta.url, 'session-worker'), {
    what: 'the session thread',
    delaysExit: true,
  })
  const queue = createQueue()
  let closed = false
  const close = async (): Promise<void> => {
    closed = true
    await worker.end()
  }
  const described = await worker.call('load', [model, options]).catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    ...described,
    async run(feeds, outputs, { signal, transfersFeeds = false } = {}) {
      if (closed) throw new FivefoldError('GRAPH_INVALID', 'the session is closed')
      const own = transfersFeeds ? feeds : detached(feeds)
      return queue(() => worker.call('run', [own, outputs], buffersOf(own) as readonly Transferable[]), signal)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** One task at a time; a task that is given up before its turn never begins. */
function createQueue(): <T>(task: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (task, signal) => {
    const turn = last.then(() => {
      if (signal) throwIfCancelled(signal)
      return task()
    })
    last = turn.catch(() => {})
    return signal ? untilAborted(turn, signal) : turn
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  throwIfCancelled(signal)
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new FivefoldError('CANCELLED', 'the run was given up', { cause: signal.reason }))
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
