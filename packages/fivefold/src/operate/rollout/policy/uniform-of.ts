import { createHash } from 'node:crypto'

/**
 * A number in [0, 1) that belongs to a key: evenly spread over keys, unrelated between salts, the same in every process and
 * release. 48 bits of SHA-256.
 */
export function uniformOf(salt: string, key: string): number {
  return hashBits(salt, key) / 2 ** 48
}

/** 48 bits that stand for a key. */
export function hashBits(salt: string, key: string): number {
  return createHash('sha256').update(salt).update('\0').update(key).digest().readUIntBE(0, 6)
}
