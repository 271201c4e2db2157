import { unwatchFile, watchFile } from 'node:fs'
import { FivefoldError, type Logger } from '../../../core/index.ts'

/** What was read from files, and is read again when they change. */
export interface Watched<T> {
  /** As it was read last. */
  readonly value: T
  /** Calls back with each value that is read from now on. */
  onChange(listener: (value: T) => void): void
  /** Reads now. Where that fails the earlier value stays, and a warning says so. */
  reload(): Promise<void>
  close(): void
}

/** Looks are cheap: the state of a few files. Links are followed, so that it sees how Kubernetes swaps a secret. */
const LOOK_MS = 1000

/**
 * Reads files, and again within a second after one of them changed. `what` names them in the log.
 *
 * @throws what `read` throws, the first time
 */
export async function watchFiles<T>(
  what: string,
  paths: readonly string[],
  read: () => Promise<T>,
  log: Logger,
): Promise<Watched<T>> {
  const listeners: ((value: T) => void)[] = []
  let value = await read()
  const readAgain = async (): Promise<void> => {
    try {
      value = await read()
      for (const listener of listeners) listener(value)
      log.info(`${what} read again`, { files: paths })
    } catch (thrown) {
      log.warn(`${what} cannot be read again, what was read before stays: ${FivefoldError.from(thrown).message}`)
    }
  }
  // One after the other: the last to be read are those that were there last.
  let reading = Promise.resolve()
  const reload = (): Promise<void> => {
    reading = reading.then(readAgain)
    return reading
  }
  const onLook = (): void => void reload()
  for (const path of paths) watchFile(path, { persistent: false, interval: LOOK_MS }, onLook)
  return {
    get value() {
      return value
    },
    onChange: (listener) => void listeners.push(listener),
    reload,
    close: () => {
      for (const path of paths) unwatchFile(path, onLook)
    },
  }
}
