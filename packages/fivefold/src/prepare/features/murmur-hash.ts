const textEncoder = new TextEncoder()

/** MurmurHash3_x86_32 (Appleby) over the UTF-8 bytes, signed: what com.microsoft.MurmurHash3 gives with positive = 0. */
export function murmurHash3(text: string, seed = 0): number {
  const bytes = textEncoder.encode(text)
  const blockEnd = bytes.length & ~3
  let hash = seed | 0
  for (let i = 0; i < blockEnd; i += 4) {
    const block = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    hash = Math.imul(rotateLeft(hash ^ scramble(block), 13), 5) + 0xe6546b64
  }
  let tail = 0
  for (let i = bytes.length - 1; i >= blockEnd; i--) tail = (tail << 8) | bytes[i]!
  return finalise(hash ^ scramble(tail) ^ bytes.length)
}

const rotateLeft = (x: number, k: number): number => (x << k) | (x >>> (32 - k))

const scramble = (block: number): number => Math.imul(rotateLeft(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593)

function finalise(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Remainder with the sign of the divisor, as ONNX's integer Mod. */
export const bucketOf = (hash: number, buckets: number): number => ((hash % buckets) + buckets) % buckets
