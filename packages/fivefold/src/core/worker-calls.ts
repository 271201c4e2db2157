import { type MessagePort, type Transferable, Worker } from 'node:worker_threads'
import type { ErrorCode } from './error-codes.ts'
import { FivefoldError, type Issue } from './errors.ts'

/** Functions that a worker offers to the thread that started it. Arguments and results must be structured-cloneable. */
export type WorkerFunctions = { readonly [name: string]: (...args: never[]) => unknown }

interface CallMessage {
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
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
  port.on('message', (message: CallMessage | EndMessage) => {
    if ('end' in message) {
      isEnding = true
      void last.then(() => process.exit())
      return
    }
    last = last.then(() => (isEnding ? undefined : answerCall(port, functions, message)))
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

/** A worker thread whose functions are called as if they were here. */
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
  /** Ends the thread at once; calls that wait are rejected. */
  terminate(): Promise<void>
}

interface PendingCall {
  resolve(result: unknown): void
  reject(error: FivefoldError): void
}

/** Starts the worker at `url`, which is to call `answerWorkerCalls`. `what` names it in errors. */
export function startWorker<Functions extends WorkerFunctions>(
  url: URL,
  what: string,
  workerData?: unknown,
): WorkerCaller<Functions> {
  const worker = new Worker(url, { workerData, name: what })
  const pending = new Map<number, PendingCall>()
  let lastId = 0
  let death: FivefoldError | undefined
  const die = (error: FivefoldError): void => {
    death ??= error
    for (const { reject } of pending.values()) reject(death)
    pending.clear()
  }
  worker.on('message', (answer: AnswerMessage) => settle(pending, answer))
  worker.on('error', (cause) => die(new FivefoldError('INTERNAL', `${what} died: ${String(cause)}`, { cause })))
  const ended = (): void => die(new FivefoldError('INTERNAL', `${what} has ended`))
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.on('exit', ended)
  return {
    call: (name, args, transfer = []) =>
      new Promise((resolve, reject) => {
        if (death !== undefined) return reject(death)
        lastId++
        pending.set(lastId, { resolve: resolve as PendingCall['resolve'], reject })
        worker.postMessage({ id: lastId, name, args } satisfies CallMessage, [...transfer])
      }),
    async end() {
      worker.postMessage({ end: true } satisfies EndMessage)
      ended()
      await exited
    },
    async terminate() {
      await worker.terminate()
    },
  }
}

function settle(pending: Map<number, PendingCall>, answer: AnswerMessage): void {
  const call = pending.get(answer.id)
  pending.delete(answer.id)
  if ('result' in answer) call?.resolve(answer.result)
  else call?.reject(errorOf(answer.failure))
}

const errorOf = ({ code, message, issues, remedy }: WorkerFailure): FivefoldError =>
  new FivefoldError(code, message, { issues, remedy })
