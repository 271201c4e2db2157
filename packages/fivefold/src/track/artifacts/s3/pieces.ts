/** Cuts a stream into pieces of the same size, the last one smaller; an empty stream is one empty piece. */
export async function* inPieces(source: AsyncIterable<Uint8Array>, pieceBytes: number): AsyncIterable<Buffer> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  let pieces = 0
  for await (const chunk of source) {
    held.push(chunk)
    heldBytes += chunk.length
    while (heldBytes > pieceBytes) {
      const all = Buffer.concat(held)
      yield all.subarray(0, pieceBytes)
      pieces++
      held = [all.subarray(pieceBytes)]
      heldBytes -= pieceBytes
    }
  }
  if (heldBytes > 0 || pieces === 0) yield Buffer.concat(held)
}

/** Does the work of all items, so many at once, in the order in which they come. Ends with the first failure, when none is under way any more. */
export async function eachOf<T>(
  items: Iterable<T> | AsyncIterable<T>,
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>()
  const failures: unknown[] = []
  let index = 0
  try {
    for await (const item of items) {
      const task: Promise<void> = work(item, index++)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(task))
      underWay.add(task)
      if (underWay.size >= atOnce) await Promise.race(underWay)
      if (failures.length > 0) break
    }
  } finally {
    await Promise.all(underWay)
  }
  if (failures.length > 0) throw failures[0]
}
