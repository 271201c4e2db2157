import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { writeFileAtomic } from '../core/index.ts'

/**
 * Results of finished work, addressed by what went into it. An interrupted or repeated run takes them up again.
 * Each file carries the digest of its content: a damaged one counts as absent.
 */
export interface StageCache {
  get<T>(stage: string, key: string): Promise<T | undefined>
  /** `value` may hold anything that the structured clone algorithm takes: plain objects, maps, typed arrays. */
  put(stage: string, key: string, value: unknown): Promise<void>
}

const DIGEST_BYTES = 32

export function createStageCache(folder: string): StageCache {
  const pathOf = (stage: string, key: string): string => join(folder, `${stage}-${key}.cache`)
  return {
    get: async <T>(stage: string, key: string) => {
      const path = pathOf(stage, key)
      const file = await readFile(path).catch(() => undefined)
      if (!file) return undefined
      const body = file.subarray(DIGEST_BYTES)
      if (digestOf(body).equals(file.subarray(0, DIGEST_BYTES))) return deserialize(body) as T
      await rm(path, { force: true })
      return undefined
    },
    put: async (stage, key, value) => {
      const body = serialize(value)
      await writeFileAtomic(pathOf(stage, key), Buffer.concat([digestOf(body), body]))
    },
  }
}

/** A short address of everything that a result depends on. */
export function contentKey(...parts: readonly unknown[]): string {
  return createHash('sha256').update(canonicalJson(parts)).digest('hex').slice(0, 24)
}

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
