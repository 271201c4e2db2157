import { FivefoldError } from '../../../core/index.ts'

/** Ids that the server gives to runs, by their keys, for whoever waits for them. */
export interface RunIds {
  wait(key: string): Promise<string>
  resolve(key: string, id: string): void
  reject(key: string, error: FivefoldError): void
  /** Whoever still waits gets an error. */
  close(): void
}

interface Waiting {
  readonly promise: Promise<string>
  resolve(id: string): void
  reject(error: FivefoldError): void
}

export function createRunIds(): RunIds {
  const all = new Map<string, Waiting>()
  let isClosed = false
  const closed = (): FivefoldError =>
    new FivefoldError('STORE_UNAVAILABLE', 'the tracking client was closed before the server knew the run')
  const of = (key: string): Waiting => {
    const known = all.get(key)
    if (known) return known
    let settle: Omit<Waiting, 'promise'> = { resolve: () => undefined, reject: () => undefined }
    const promise = new Promise<string>((resolve, reject) => {
      settle = { resolve, reject }
    })
    // Nobody may be waiting.
    promise.catch(() => undefined)
    const waiting = { promise, ...settle }
    all.set(key, waiting)
    if (isClosed) waiting.reject(closed())
    return waiting
  }
  return {
    wait: (key) => of(key).promise,
    resolve: (key, id) => of(key).resolve(id),
    reject: (key, error) => of(key).reject(error),
    close() {
      isClosed = true
      for (const { reject } of all.values()) reject(closed())
    },
  }
}
