/**
 * A seeded generator of random numbers. Streams forked under different names are independent of each other and of
 * how much was drawn from their parent, so adding a consumer never changes what the others see.
 */
export interface Rng {
  /** Uniform in [0, 1), 53 random bits. */
  next(): number
  /** Uniform integer in [0, bound). */
  int(bound: number): number
  /** Standard normal. */
  normal(): number
  /** A stream of its own for a named purpose. */
  fork(name: string): Rng
  /** Fisher-Yates in place; returns its argument. */
  shuffle<T extends { length: number; [index: number]: number }>(items: T): T
}

/** xoshiro128** (Blackman and Vigna, 2018), seeded through SplitMix-style mixing of a 32-bit seed and a path of names. */
export function createRng(seed: number, path = ''): Rng {
  const state = seedState(seed, path)
  const uint32 = (): number => nextUint32(state)
  // 27 high bits and 26 low bits make the 53 bits of a double's mantissa.
  const uniform = (): number => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) * 2 ** -53
  const int = (bound: number): number => Math.floor(uniform() * bound)
  return {
    next: uniform,
    int,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    fork: (name) => createRng(seed, `${path}/${name}`),
    shuffle: (items) => {
      for (let i = items.length - 1; i > 0; i--) {
        const j = int(i + 1)
        const swap = items[i]!
        items[i] = items[j]!
        items[j] = swap
      }
      return items
    },
  }
}

function nextUint32(s: Uint32Array): number {
  const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0
  const t = s[1]! << 9
  s[2]! ^= s[0]!
  s[3]! ^= s[1]!
  s[1]! ^= s[2]!
  s[0]! ^= s[3]!
  s[2]! ^= t
  s[3] = rotateLeft(s[3]!, 11)
  return result
}

const rotateLeft = (x: number, k: number): number => (x << k) | (x >>> (32 - k))

/** FNV-1a over the path, then a murmur finaliser for each word, so that near seeds give unrelated states. */
function seedState(seed: number, path: string): Uint32Array {
  let hash = 0x811c9dc5 ^ Math.trunc(seed)
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193)
  const state = new Uint32Array(4)
  for (let i = 0; i < 4; i++) {
    hash = (hash + 0x9e3779b9) | 0
    let word = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    state[i] = word ^ (word >>> 16)
  }
  return state
}
