import { type MessagePort, type Transferable, Worker } from 'node:worker_threads'
import { type BusyGate, createBusyGate, guardExit, throughGate } from './busy-gate.ts'
import type { ErrorCode } from './error-codes.ts'
import { FivefoldError, type Issue } from './errors.ts'

/** Functions that a worker offers to the thread that started it. Arguments and results must be structured-cloneable. */
export type WorkerFunctions = { readonly [name: string]: (...args: never[]) => unknown }

interface CallMessage {
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
}

/** Comes before all calls. */
interface GateMessage {
  readonly gate: BusyGate
}

/** Asks the worker to end. */
interface EndMessage {
  readonly end: true
}

type AnswerMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: WorkerFailure }

interface WorkerFailure {
  readonly code: ErrorCode
  readonly message: string
  readonly issues: readonly Issue[]
  readonly remedy: string
}

/** Buffers that go along with an answer instead of being copied. */
const moving = new WeakMap<object, readonly Transferable[]>()

/** Lets the memory of a worker's answer move to the caller: the worker must not use it afterwards. */
export function movingBuffers<Answer extends object>(answer: Answer, buffers: readonly Transferable[]): Answer {
  moving.set(answer, buffers)
  return answer
}

/** Answers calls on `port`, one after the other in the order in which they come. */
export function answerWorkerCalls(port: MessagePort, functions: WorkerFunctions): void {
  let last: Promise<unknown> = Promise.resolve()
  let isEnding = false
  let gate = createBusyGate()
  const answer = async (call: CallMessage): Promise<void> => {
    if (!isEnding) await throughGate(gate, () => answerCall(port, functions, call))
  }
  port.on('message', (message: CallMessage | EndMessage | GateMessage) => {
    if ('gate' in message) gate = message.gate
    else if ('end' in message) {
      isEnding = true
      void last.then(() => process.exit())
    } else last = last.then(() => answer(message))
  })
}

async function answerCall(
  port: MessagePort,
  functions: WorkerFunctions,
  { id, name, args }: CallMessage,
): Promise<void> {
  const answer = (message: AnswerMessage, buffers: readonly Transferable[] = []): void =>
    port.postMessage(message, [...buffers])
  try {
    const result = await functions[name]!(...(args as never[]))
    answer({ id, result }, moving.get(result as object))
  } catch (thrown) {
    const { code, message, issues, remedy } = FivefoldError.from(thrown)
    answer({ id, failure: { code, message, issues, remedy } })
  }
}

/** A worker thread whose functions are called as if they were here. While nobody waits for it, it does not keep the process alive. */
export interface WorkerCaller<Functions extends WorkerFunctions> {
  /**
   * Calls `name` in the worker; `transfer` moves buffers instead of copying them. Calls may be made before earlier ones have
   * answered: they queue in the worker.
   *
   * @throws what the function throws there; INTERNAL where the thread died
   */
  call<Name extends keyof Functions & string>(
    name: Name,
    args: Parameters<Functions[Name]>,
    transfer?: readonly Transferable[],
  ): Promise<Awaited<ReturnType<Functions[Name]>>>
  /**
   * Ends the thread as soon as the call that it is busy with is done; calls that wait are rejected at once. For threads that run
   * native code: ONNX Runtime takes the whole process down where its thread ends in the middle of a run.
   */
  end(): Promise<void>
  /** Ends the thread at once, in the middle of a call if need be; calls that wait are rejected. */
  terminate(): Promise<void>
}

export interface WorkerOptions {
  /** What names the thread in errors. */
  readonly what: string
  /** What the thread finds as `workerData`. */
  readonly workerData?: unknown
  /** The process waits for the call under way before it exits; for threads that run native code. Default false. */
  readonly delaysExit?: boolean
  /** Called before that wait: frees a call that waits for other threads. */
  readonly interrupt?: () => void
}

/** Starts the worker at `url`, which is to call `answerWorkerCalls`. */
export function startWorker<Functions extends WorkerFunctions>(
  url: URL,
  { what, workerData, delaysExit = false, interrupt = () => {} }: WorkerOptions,
): WorkerCaller<Functions> {
  const worker = new Worker(url, { workerData, name: what })
  const pending = createPendingCalls(worker)
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.on('message', pending.settle)
  worker.on('error', (cause) =>
    pending.fail(new FivefoldError('INTERNAL', `${what} died: ${String(cause)}`, { cause })),
  )
  worker.on('exit', (code) => pending.fail(ended(what, code)))
  if (delaysExit) delayExit(worker, interrupt)
  return {
    call: (name, args, transfer = []) =>
      pending.add((id) => worker.postMessage({ id, name, args } satisfies CallMessage, [...transfer])),
    async end() {
      worker.postMessage({ end: true } satisfies EndMessage)
      pending.fail(ended(what))
      worker.ref()
      await exited
    },
    async terminate() {
      await worker.terminate()
    },
  }
}

const ended = (what: string, code = 0): FivefoldError =>
  new FivefoldError('INTERNAL', `${what} has ended${code === 0 ? '' : ` with code ${code}`}`)

function delayExit(worker: Worker, interrupt: () => void): void {
  const gate = createBusyGate()
  worker.postMessage({ gate } satisfies GateMessage)
  worker.once('exit', guardExit(gate, interrupt))
}

interface PendingCall {
  resolve(result: unknown): void
  reject(error: FivefoldError): void
}

/** Calls that a worker has not answered. It keeps the process alive while there are some. */
function createPendingCalls(worker: Worker) {
  const calls = new Map<number, PendingCall>()
  let lastId = 0
  let death: FivefoldError | undefined
  worker.unref()
  return {
    add: <Result>(send: (id: number) => void): Promise<Result> =>
      new Promise((resolve, reject) => {
        if (death !== undefined) return reject(death)
        send(++lastId)
        calls.set(lastId, { resolve: resolve as PendingCall['resolve'], reject })
        worker.ref()
      }),
    settle(answer: AnswerMessage): void {
      const call = calls.get(answer.id)
      calls.delete(answer.id)
      // An answer that comes after the end was asked for must not let go of a thread that is waited for.
      if (calls.size === 0 && death === undefined) worker.unref()
      if ('result' in answer) call?.resolve(answer.result)
      else call?.reject(errorOf(answer.failure))
    },
    /** Rejects what waits, and all that comes later. */
    fail(error: FivefoldError): void {
      death ??= error
      for (const { reject } of calls.values()) reject(death)
      calls.clear()
    },
  }
}

const errorOf = ({ code, message, issues, remedy }: WorkerFailure): FivefoldError =>
  new FivefoldError(code, message, { issues, remedy })
