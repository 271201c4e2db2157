export interface RunPacerOptions<Batch> {
  /** Runs at a time. */
  readonly maxRuns: number
  /** In how many milliseconds what waits shall run, 0 or less for now; undefined where nothing waits. */
  readonly dueInMs: () => number | undefined
  /** Takes what shall run beside so many runs; undefined where what waits can wait for their end. */
  readonly take: (runs: number) => Batch | undefined
  /** Never rejects. */
  readonly run: (batch: Batch) => Promise<void>
}

/** Decides when a run starts. */
export interface RunPacer {
  /** Something began to wait, or went away. */
  wake(): void
  /** Resolves once nothing waits or runs. */
  idle(): Promise<void>
}

/** Runs start at the end of a tick, so that what arrives within one can share a run. */
export function createRunPacer<Batch>({ maxRuns, dueInMs, take, run }: RunPacerOptions<Batch>): RunPacer {
  const idlers: (() => void)[] = []
  let runs = 0
  let isPlanned = false
  let isDelayed = false

  const isIdle = (): boolean => runs === 0 && dueInMs() === undefined

  const wake = (): void => {
    if (isPlanned || runs >= maxRuns) return
    const restMs = dueInMs()
    if (restMs === undefined) tellIdlers()
    else if (restMs > 0) delay(restMs)
    else plan()
  }
  const tellIdlers = (): void => {
    if (isIdle()) for (const tell of idlers.splice(0)) tell()
  }
  const delay = (ms: number): void => {
    if (!isDelayed) setTimeout(endDelay, Math.ceil(ms))
    isDelayed = true
  }
  const endDelay = (): void => {
    isDelayed = false
    wake()
  }
  const plan = (): void => {
    isPlanned = true
    setImmediate(startRuns)
  }
  const startRuns = (): void => {
    isPlanned = false
    while (runs < maxRuns) {
      const batch = take(runs)
      if (batch === undefined) break
      void start(batch)
    }
    // What was planned for may have gone away meanwhile.
    tellIdlers()
  }
  const start = async (batch: Batch): Promise<void> => {
    runs++
    await run(batch)
    runs--
    wake()
  }
  return {
    wake,
    idle: () => (isIdle() ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
  }
}
