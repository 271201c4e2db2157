import { throwIfCancelled } from '../../../core/index.ts'

/**
 * What a source gives, until the signal: then it throws CANCELLED at once, even while the source is still busy with its next
 * value, for which nobody waits any more.
 */
export async function* untilCancelled<Value>(
  source: AsyncIterable<Value> | Iterable<Value>,
  signal: AbortSignal,
): AsyncGenerator<Value, void, undefined> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  // A source that throws or ends has closed itself.
  let isOpen = true
  try {
    while (true) {
      throwIfCancelled(signal)
      isOpen = false
      const next = await unlessCancelled(Promise.resolve(iterator.next()), signal)
      if (next.done) return
      isOpen = true
      yield next.value
    }
  } finally {
    if (isOpen || signal.aborted) await closed(iterator, signal)
  }
}

/** A source that hangs does not close either: after the signal nobody waits for that. */
async function closed(iterator: AsyncIterator<unknown> | Iterator<unknown>, signal: AbortSignal): Promise<void> {
  const closing = Promise.resolve(iterator.return?.())
  if (signal.aborted) closing.catch(() => {})
  else await closing
}

/** Listens for each value anew: promises that wait for one signal all along would pile up. */
function unlessCancelled<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      try {
        throwIfCancelled(signal)
      } catch (error) {
        reject(error)
      }
    }
    signal.addEventListener('abort', cancel, { once: true })
    value.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel))
  })
}
