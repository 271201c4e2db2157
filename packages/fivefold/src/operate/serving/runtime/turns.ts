/** Lets so much work go on at a time; what comes beyond waits for its turn, in the order of coming. */
export type Turns = <Result>(work: () => Promise<Result>) => Promise<Result>

export function createTurns(most: number): Turns {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < most) running++
    // Whoever ends hands its turn on, so that nobody comes in between.
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
