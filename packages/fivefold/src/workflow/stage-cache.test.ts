import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalJson, contentKey, createStageCache } from './stage-cache.ts'

const emptyFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'fivefold-cache-'))

describe('createStageCache', () => {
  it('gives back typed arrays, maps and nested objects as they were', async () => {
    const cache = createStageCache(await emptyFolder())
    const value = { rows: Uint32Array.of(1, 2), map: new Map([['a', Float64Array.of(0.5)]]), nested: [{ n: null }] }
    await cache.put('train', 'k', value)
    expect(await cache.get('train', 'k')).toEqual(value)
    expect(await cache.get('train', 'other')).toBeUndefined()
  })

  it('counts a damaged file as absent and removes it', async () => {
    const folder = await emptyFolder()
    const cache = createStageCache(folder)
    await cache.put('train', 'k', { a: 1 })
    const path = join(folder, (await readdir(folder))[0]!)
    const bytes = await readFile(path)
    bytes[bytes.length - 1]! ^= 0xff
    await writeFile(path, bytes)
    expect(await cache.get('train', 'k')).toBeUndefined()
    expect(await readdir(folder)).toEqual([])
  })
})

describe('contentKey', () => {
  it('does not depend on the order of keys, but on every value', () => {
    expect(contentKey({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(contentKey({ b: [{ d: 3, c: 2 }], a: 1 }))
    expect(contentKey({ a: 1 })).not.toBe(contentKey({ a: 2 }))
    expect(contentKey('a', 'b')).not.toBe(contentKey('ab'))
  })

  it('tells the contents of typed arrays apart', () => {
    expect(contentKey(Uint8Array.of(1, 2))).not.toBe(contentKey(Uint8Array.of(1, 3)))
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}')
  })
})
