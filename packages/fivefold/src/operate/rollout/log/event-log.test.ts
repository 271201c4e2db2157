import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { openEventLog } from './event-log.ts'
import type { AnswerEvent } from './log-event.ts'
import { createRequestMemory } from './request-memory.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function makeDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'fivefold-events-'))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  return dir
}

async function open(dir: string, summarise: () => unknown = () => undefined) {
  const opened = await openEventLog({ dir, context: createContext(), summarise, segmentBytes: 500, keptSegments: 3 })
  cleanups.push(() => opened.log.close())
  return opened
}

const answer = (requestId: string): AnswerEvent => ({
  ...{ kind: 'answer', requestId, timeMs: 1, policyVersion: 1, variant: 'a', group: 'rest', latencyMs: 2, ok: true },
})

describe('the log of a deployment', () => {
  it('gives back what was appended, and says what the summary knows of it', async () => {
    const dir = await makeDir()
    const { log } = await open(dir, () => ({ seen: 2 }))
    await log.append(answer('one'), 'now')
    await log.append(answer('two'), 'now')
    await log.summarise()
    await log.append(answer('three'), 'now')
    // As a crash leaves it: the last event is on disk, and no summary knows it.
    const { log: _, recovered } = await openCopyOf(dir)
    expect(recovered.summary).toEqual({ seen: 2 })
    expect(recovered.events.map(({ event, isSummarised }) => [event.requestId, isSummarised])).toEqual([
      ['one', true],
      ['two', true],
      ['three', false],
    ])
  })
  it('removes old segments once a summary knows them, and no others', async () => {
    const dir = await makeDir()
    const { log } = await open(dir, () => 'all')
    for (let group = 0; group < 8; group++)
      await Promise.all(
        Array.from({ length: 5 }, (_, i) => log.append(answer(`${group}-${i}`), i % 2 ? 'now' : 'soon')),
      )
    await log.close()
    const segments = (await readdir(dir)).filter((name) => name.endsWith('.log'))
    expect(segments.length).toBeLessThanOrEqual(3)
    const { recovered } = await open(dir)
    expect(recovered.events.at(-1)!.event.requestId).toBe('7-4')
    expect(recovered.events.every(({ isSummarised }) => isSummarised)).toBe(true)
  })
  it('goes on numbering where it stopped, so that nothing is taken for known', async () => {
    const dir = await makeDir()
    const first = await open(dir, () => 'first')
    await first.log.append(answer('one'), 'now')
    await first.log.close()
    const second = await open(dir)
    await second.log.append(answer('two'), 'now')
    const { recovered } = await openCopyOf(dir)
    expect(recovered.events.map(({ isSummarised }) => isSummarised)).toEqual([true, false])
  })
  it('refuses a summary that it cannot read', async () => {
    const dir = await makeDir()
    await writeFile(join(dir, 'summary.json'), '{"format":2}')
    await expect(open(dir)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await writeFile(join(dir, 'summary.json'), '{"for')
    await expect(open(dir)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

/** The files as they are now, while their writer lives. */
async function openCopyOf(dir: string) {
  const copy = await makeDir()
  await cp(dir, copy, { recursive: true, filter: (path) => !path.includes('writer.lock') })
  return open(copy)
}

describe('the memory of requests', () => {
  it('forgets the oldest, and tells first outcomes from repeated ones', () => {
    const memory = createRequestMemory(2)
    for (const requestId of ['one', 'two', 'three']) memory.remember(answer(requestId))
    expect(memory.find('one')).toBeUndefined()
    expect(memory.find('two')!.isFirst('label')).toBe(true)
    expect(memory.find('two')!.isFirst('label')).toBe(false)
    expect(memory.find('two')!.isFirst('revenue')).toBe(true)
  })
})
