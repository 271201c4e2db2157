/** PostgreSQL's answer to statements after one that failed. */
const ABORTED = '25P02'

/**
 * Waits for all parts of a transaction that need nothing of one another. Where one fails, the others come to their end
 * first: what is still on its way when the transaction is rolled back would be written outside of it.
 */
export async function together<T extends readonly unknown[]>(parts: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const results = await Promise.allSettled(parts)
  const failures = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown)
  if (failures.length > 0) throw failures.find((error) => !isAborted(error)) ?? failures[0]
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T
}

const isAborted = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === ABORTED
