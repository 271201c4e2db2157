import { FivefoldError } from '../../../../core/index.ts'
import type { Tensors } from '../../model/servable.ts'
import type { RequestRecord } from '../../requests/request-record.ts'

/** A request, or a piece of one, that has not been answered. */
export interface WaitingRequest {
  readonly feeds: Tensors
  readonly rows: number
  /** Names of the outputs wanted; all of them where absent. */
  readonly outputs: readonly string[] | undefined
  /** Requests with the same key can share a run. */
  readonly key: string
  /** When it began to wait, by `performance.now()`. */
  readonly sinceMs: number
  /** Takes what its parts took, where somebody reads that. */
  readonly record?: RequestRecord
  resolve(answer: Tensors): void
  reject(reason: unknown): void
}

export interface Patience {
  /** Ends the wait: its sender went away. */
  readonly signal: AbortSignal | undefined
  /** Until when there must be an answer. */
  readonly timeoutMs: number
}

/** Where a request waits. */
export interface WaitingLine {
  add(waiting: WaitingRequest): void
  /** Nobody waits for its answer any more. */
  remove(waiting: WaitingRequest): void
}

/** Rejects with TIMEOUT or CANCELLED where the answer is not there before its time is up or its sender is gone. */
export function waitForAnswer(
  { feeds, rows, outputs, key, record }: Pick<WaitingRequest, 'feeds' | 'rows' | 'outputs' | 'key' | 'record'>,
  { signal, timeoutMs }: Patience,
  line: WaitingLine,
): Promise<Tensors> {
  return new Promise((resolve, reject) => {
    const giveUp = (error: FivefoldError): void => {
      line.remove(waiting)
      waiting.reject(error)
    }
    const onAbort = (): void => giveUp(givenUp())
    const deadline = setTimeout(() => giveUp(tooLate(timeoutMs)), timeoutMs)
    const end = (): void => {
      clearTimeout(deadline)
      signal?.removeEventListener('abort', onAbort)
    }
    const waiting: WaitingRequest = {
      feeds,
      rows,
      outputs,
      key,
      sinceMs: performance.now(),
      ...(record && { record }),
      resolve: (answer) => {
        end()
        resolve(answer)
      },
      reject: (reason) => {
        end()
        reject(reason)
      },
    }
    signal?.addEventListener('abort', onAbort)
    line.add(waiting)
  })
}

export const givenUp = (): FivefoldError => new FivefoldError('CANCELLED', 'the request was given up')

const tooLate = (timeoutMs: number): FivefoldError => new FivefoldError('TIMEOUT', `no answer within ${timeoutMs} ms`)
