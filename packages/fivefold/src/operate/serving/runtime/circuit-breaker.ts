/** Keeps from asking what does not answer. */
export interface CircuitBreaker {
  /** The result of the work; undefined where it failed, was too slow, or is not tried at present. */
  attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined>
}

export interface BreakerOptions {
  /** How long a try may last. */
  readonly timeoutMs: number
  /** Failures in a row after which there is a pause. */
  readonly mostFailures: number
  readonly pauseMs: number
  readonly clockMs: () => number
  /** Told when a pause begins. */
  readonly onPause: (cause: unknown) => void
}

/** After a pause one try decides whether there is another. */
export function createCircuitBreaker(options: BreakerOptions): CircuitBreaker {
  const { timeoutMs, mostFailures, pauseMs, clockMs, onPause } = options
  let failures = 0
  let pausedUntilMs = Number.NEGATIVE_INFINITY
  let isTrying = false
  const failed = (cause: unknown): void => {
    failures++
    if (failures < mostFailures || clockMs() < pausedUntilMs) return
    pausedUntilMs = clockMs() + pauseMs
    onPause(cause)
  }
  return {
    async attempt(work) {
      const isDoubtful = failures >= mostFailures
      if (clockMs() < pausedUntilMs || (isDoubtful && isTrying)) return undefined
      isTrying = isDoubtful
      try {
        const result = await within(timeoutMs, work())
        failures = 0
        return result
      } catch (cause) {
        failed(cause)
        return undefined
      } finally {
        if (isDoubtful) isTrying = false
      }
    },
  }
}

async function within<Result>(timeoutMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
