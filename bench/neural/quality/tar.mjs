import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

const BLOCK_BYTES = 512

/** The files of a .tar.gz, one after another, as they are read. */
export async function* tarEntries(path) {
  const reader = createReader(createReadStream(path).pipe(createGunzip()))
  for (;;) {
    const header = await reader.take(BLOCK_BYTES)
    if (header === undefined || header[0] === 0) return
    const text = (from, length) => header.toString('latin1', from, from + length).replace(/\0.*$/, '')
    const sizeBytes = Number.parseInt(text(124, 12), 8)
    const content = await reader.take(sizeBytes)
    await reader.take((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES)
    yield { name: text(0, 100), content }
  }
}

/** Takes bytes from a stream in the amounts that are asked for. */
function createReader(stream) {
  const pieces = stream[Symbol.asyncIterator]()
  let rest = Buffer.alloc(0)
  return {
    async take(count) {
      const parts = [rest]
      let length = rest.length
      while (length < count) {
        const { value, done } = await pieces.next()
        if (done) return undefined
        parts.push(value)
        length += value.length
      }
      const whole = parts.length === 1 ? rest : Buffer.concat(parts)
      rest = whole.subarray(count)
      return whole.subarray(0, count)
    },
  }
}
