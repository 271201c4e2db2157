import { writeSync } from 'node:fs'
import { appendFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JournalEntry } from './journal-entry.ts'
import { adoptSessions, beginSession } from './journal-session.ts'
import { frameRecord, readRecords } from './record-frame.ts'
import { segmentName } from './segment-writer.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fivefold-journal-'))
})
afterEach(() => rm(root, { recursive: true }))

const URL_A = 'http://a'
const tag = (value: string): JournalEntry => ({ kind: 'tag', run: 'r', key: 'k', value })
const valuesOf = (found: readonly { entry: JournalEntry }[]): string[] =>
  found.map(({ entry }) => (entry as { value: string }).value)

describe('records in a file', () => {
  it('come back as they were, as many as are whole, wherever the file is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.nat(), (values, cut) => {
        const frames = values.map(frameRecord)
        const bytes = Buffer.concat(frames)
        const kept = bytes.subarray(0, cut % (bytes.length + 1))
        let whole = 0
        for (let size = 0; whole < frames.length && size + frames[whole]!.length <= kept.length; whole++)
          size += frames[whole]!.length
        const { records } = readRecords(kept)
        expect(records.map(({ value }) => value)).toEqual(
          values.slice(0, whole).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
        )
      }),
    )
  })

  it('end before the first one that was changed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (values, at, flip) => {
          const frames = values.map(frameRecord)
          const bytes = Buffer.concat(frames)
          const place = at % bytes.length
          bytes[place]! ^= flip
          let intact = 0
          for (let size = 0; size + frames[intact]!.length <= place; intact++) size += frames[intact]!.length
          expect(readRecords<string>(bytes).records.map(({ value }) => value)).toEqual(values.slice(0, intact))
        },
      ),
    )
  })
})

describe('a journal', () => {
  it('gives entries in order, over many files, and removes those that are sent', async () => {
    const session = beginSession(root, URL_A)
    const big = 'x'.repeat(3_000_000)
    for (let index = 0; index < 8; index++) session.writer.append(tag(`${index}${big}`))
    const seen: string[] = []
    for (let found = await session.read(2); found.length > 0; found = await session.read(2)) {
      seen.push(...valuesOf(found).map((value) => value[0]!))
      await session.advance(found.at(-1)!.end)
    }
    expect(seen.join('')).toBe('01234567')
    expect(session.end.segment).toBeGreaterThan(1)
    expect((await readdir(session.folder)).filter((name) => name.endsWith('.log'))).toEqual([
      segmentName(session.end.segment),
      'progress.log',
    ])
    session.leave(false)
  })

  it('that was left is adopted once, cut back to its last whole record, and says what was cut', async () => {
    const session = beginSession(root, URL_A)
    for (const value of ['a', 'b', 'c']) session.writer.append(tag(value))
    const [first] = await session.read(1)
    await session.advance(first!.end)
    session.leave(true)
    const [name] = await readdir(root)
    const file = join(root, name!, segmentName(1))
    await appendFile(file, frameRecord(tag('torn')).subarray(0, 11))
    expect(await adoptSessions(root, 'http://b')).toEqual([])
    const adopted = (await Promise.all([adoptSessions(root, URL_A), adoptSessions(root, URL_A)])).flat()
    expect(adopted).toHaveLength(1)
    const [{ session: found, damage }] = adopted as [(typeof adopted)[number]]
    expect(damage).toMatchObject([{ bytes: 11 }])
    expect(valuesOf(await found.read(10))).toEqual(['b', 'c'])
    expect(found.isOrphan).toBe(false)
  })

  it('is not taken from an owner who lives, and is from one who is gone', async () => {
    const session = beginSession(root, URL_A)
    session.writer.append(tag('a'))
    expect(await adoptSessions(root, URL_A)).toEqual([])
    session.leave(true)
    const [name] = await readdir(root)
    const { OWNER_TAG } = await import('../../../core/index.ts')
    const [, , place] = OWNER_TAG.split('-')
    await rename(join(root, name!), join(root, name!.replace('.left', `.999999999-1-${place}`)))
    const [adopted] = await adoptSessions(root, URL_A)
    expect(adopted?.session.isOrphan).toBe(true)
  })

  it('of another machine is taken once it has been silent for long', async () => {
    const session = beginSession(root, URL_A)
    session.writer.append(tag('a'))
    session.leave(true)
    const [name] = await readdir(root)
    const foreign = join(root, name!.replace('.left', '.1-1-0123456789ab'))
    await rename(join(root, name!), foreign)
    expect(await adoptSessions(root, URL_A)).toEqual([])
    const { utimes } = await import('node:fs/promises')
    await utimes(foreign, 1, 1)
    expect(await adoptSessions(root, URL_A)).toHaveLength(1)
  })

  it('with a damaged record of what was sent begins again from what can be read of it', async () => {
    const session = beginSession(root, URL_A)
    for (const value of ['a', 'b', 'c']) session.writer.append(tag(value))
    for (const { end } of await session.read(2)) await session.advance(end)
    session.leave(true)
    const [name] = await readdir(root)
    const file = join(root, name!, 'progress.log')
    const bytes = await readFile(file)
    await writeFile(file, bytes.subarray(0, bytes.length - 3))
    const [adopted] = await adoptSessions(root, URL_A)
    expect(valuesOf(await adopted!.session.read(10))).toEqual(['b', 'c'])
  })
})

describe('a disk that takes nothing', () => {
  it('costs no value and no order: they wait in memory, half-written records are taken back', async () => {
    let isFull = false
    const session = beginSession(root, URL_A, (fd, bytes) => {
      if (!isFull) return writeSync(fd, bytes)
      writeSync(fd, bytes.subarray(0, 5))
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    })
    session.writer.append(tag('a'))
    isFull = true
    session.writer.append(tag('b'))
    session.writer.append(tag('c'))
    expect(session.writer.waiting).toBe(2)
    expect(session.writer.writeWaiting()).toMatchObject({ code: 'STORAGE_FULL' })
    expect(valuesOf(await session.read(10))).toEqual(['a'])
    isFull = false
    expect(session.writer.writeWaiting()).toBeUndefined()
    session.writer.append(tag('d'))
    expect(valuesOf(await session.read(10))).toEqual(['a', 'b', 'c', 'd'])
    session.leave(false)
  })
})
