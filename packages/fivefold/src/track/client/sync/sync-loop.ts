import { setTimeout as delay } from 'node:timers/promises'
import { FivefoldError } from '../../../core/index.ts'

export interface SyncLoopOptions {
  /** Sends all there is. Throws where the server is out of reach. */
  readonly drain: () => Promise<void>
  /** How long a value waits at most before it is sent. */
  readonly delayMs: number
  /** First pause after a failure; it doubles with each, up to 30 seconds. */
  readonly retryMs: number
}

export interface SyncLoop {
  /** There is something to send. */
  wake(): void
  /** Something was sent: the server is there. */
  advanced(): void
  /** Sends until all is sent. Throws the last reason where that takes longer than the time given. */
  finish(timeoutMs: number): Promise<void>
  stop(): void
  readonly lastError: FivefoldError | undefined
}

const LONGEST_DELAY_MS = 30_000

/** Sends in the background, with longer and longer pauses while nobody answers. Its timers keep no process alive. */
export function createSyncLoop({ drain, delayMs, retryMs }: SyncLoopOptions): SyncLoop {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<boolean> | undefined
  let failures = 0
  let lastError: FivefoldError | undefined
  let isStopped = false

  /** Anywhere up to the bound, so that clients that lost the same server do not come back all at once. */
  const pauseMs = (): number => Math.random() * Math.min(LONGEST_DELAY_MS, retryMs * 2 ** failures)
  const schedule = (afterMs: number): void => {
    if (isStopped) return
    timer ??= setTimeout(() => {
      timer = undefined
      void pass()
    }, afterMs).unref()
  }
  /** One attempt at a time; true where it succeeded. */
  const pass = (): Promise<boolean> => {
    running ??= attempt().finally(() => {
      running = undefined
    })
    return running
  }
  const attempt = async (): Promise<boolean> => {
    try {
      await drain()
      failures = 0
      lastError = undefined
      return true
    } catch (thrown) {
      failures++
      lastError = FivefoldError.from(thrown, 'STORE_UNAVAILABLE')
      schedule(pauseMs())
      return false
    }
  }
  const sendAll = async (deadlineMs: number): Promise<void> => {
    // What is under way began before the last values came.
    if (running) await running
    while (!(await pass())) {
      const waitMs = pauseMs()
      if (Date.now() + waitMs >= deadlineMs) throw lastError
      await delay(waitMs)
    }
  }

  return {
    wake: () => schedule(delayMs),
    advanced() {
      failures = 0
    },
    async finish(timeoutMs) {
      const late = new AbortController()
      const tooLate = delay(timeoutMs, undefined, { signal: late.signal }).then(
        () => {
          throw lastError ?? new FivefoldError('STORE_UNAVAILABLE', `not all was sent within ${timeoutMs} ms`)
        },
        () => undefined,
      )
      try {
        await Promise.race([sendAll(Date.now() + timeoutMs), tooLate])
      } finally {
        late.abort()
      }
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
    get lastError() {
      return lastError
    },
  }
}
