/** Items of one transaction; more wait for the next. */
const MOST_AT_ONCE = 500

/** What an item became where it is committed, else why it is not. */
export type Outcome<R> = R | Error

/**
 * Commits items that come while others are being committed together, and answers each once it is safe. Where a commit of
 * several fails as a whole, each is tried alone, so that one bad item does not take others with it.
 */
export function createGroupCommit<T, R>(
  commit: (items: readonly T[]) => Promise<readonly Outcome<R>[]>,
): {
  add(item: T): Promise<R>
} {
  interface Waiting {
    readonly item: T
    resolve(result: R): void
    reject(error: unknown): void
  }
  const waiting: Waiting[] = []
  let running = false

  const settle = (group: readonly Waiting[], outcomes: readonly Outcome<R>[]): void => {
    for (const [index, one] of group.entries()) {
      const outcome = outcomes[index]!
      if (outcome instanceof Error) one.reject(outcome)
      else one.resolve(outcome)
    }
  }
  const commitGroup = async (group: readonly Waiting[]): Promise<void> => {
    try {
      settle(group, await commit(group.map(({ item }) => item)))
    } catch (error) {
      if (group.length === 1) return group[0]!.reject(error)
      for (const one of group) await commitGroup([one])
    }
  }
  const run = async (): Promise<void> => {
    running = true
    // Requests that arrived in the same turn of the event loop come along.
    await new Promise(setImmediate)
    while (waiting.length > 0) await commitGroup(waiting.splice(0, MOST_AT_ONCE))
    running = false
  }
  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        if (!running) void run()
      }),
  }
}
