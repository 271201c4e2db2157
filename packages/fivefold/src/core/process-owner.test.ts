import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isOwnerGone, OWNER_TAG, OWNER_TAG_PATTERN } from './index.ts'

/** What a process of the id would call itself. */
function tagOf(pid: number): string {
  const place = OWNER_TAG.split('-')[2]
  if (process.platform !== 'linux') return `${pid}-0-${place}`
  return `${pid}-${readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]}-${place}`
}

describe('isOwnerGone', () => {
  it('is false for this process and another that lives, true for one that has ended', async () => {
    expect(OWNER_TAG).toMatch(new RegExp(`^${OWNER_TAG_PATTERN}$`))
    expect(isOwnerGone(OWNER_TAG)).toBe(false)
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(child, 'spawn')
    const tag = tagOf(child.pid!)
    expect(isOwnerGone(tag)).toBe(false)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isOwnerGone(tag)).toBe(true)
  })

  it('leaves alone what it cannot know, and tells a later process of the same id from the owner', () => {
    const [pid, started, place] = OWNER_TAG.split('-')
    expect(isOwnerGone(`4194305-1-${'0'.repeat(12)}`)).toBe(false)
    expect(isOwnerGone(`4194305-1-${place}`)).toBe(true)
    if (process.platform === 'linux') expect(isOwnerGone(`${pid}-${Number(started) - 1}-${place}`)).toBe(true)
  })
})
