import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('./ended-training.reference.mjs', import.meta.url))
const DIST = fileURLToPath(new URL('../../../../dist', import.meta.url))

async function exitCode(workers: number, how: string): Promise<unknown> {
  const child = spawn(process.execPath, [PROGRAM, DIST, String(workers), how], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  return code
}

describe('a process with training threads', () => {
  // The runtime aborts the process where its thread is ended in the middle of a run.
  it.each([
    [1, '0'],
    [1, '20'],
    [1, '50'],
    [2, '20'],
    [2, '50'],
  ])('exits with its own code while %i threads take a step, after %s ms', async (workers, waitMs) => {
    expect(await exitCode(workers, waitMs)).toBe(3)
  })

  it.each([1, 2])('comes to its end while %i threads are idle', async (workers) => {
    expect(await exitCode(workers, 'idle')).toBe(0)
  })

  it.each([1, 2])('waits for %i threads that are closed in the middle of a step', async (workers) => {
    expect(await exitCode(workers, 'closed')).toBe(0)
  })
})
