import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkpointFile } from './checkpoint-file.ts'

const PROGRAM = fileURLToPath(new URL('./killed-training.reference.mjs', import.meta.url))
const DIST = fileURLToPath(new URL('../../dist', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-checkpoint-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Run {
  readonly firstStep: number
  /** Hash of the weights; absent where it was killed. */
  readonly weights: string | undefined
}

/** Trains in a process that is killed with SIGKILL once it reports the update `killAt`. */
async function run(path: string, killAt = Number.POSITIVE_INFINITY): Promise<Run> {
  const child = spawn(process.execPath, [PROGRAM, DIST, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let firstStep = 0
  let weights: string | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind, value] = line.split(' ')
    if (kind === 'weights') weights = value
    else firstStep ||= Number(value)
    if (kind === 'step' && Number(value) >= killAt) child.kill('SIGKILL')
  }
  return { firstStep, weights }
}

describe('checkpointFile', () => {
  it('begins without a file and goes on from the one that is there', async () => {
    const path = join(folder, 'new', 'run.checkpoint')
    const { checkpoint, resume } = await checkpointFile(path, 3)
    expect(resume).toBeUndefined()
    expect(checkpoint.everySteps).toBe(3)
    await checkpoint.save(Uint8Array.of(1, 2, 3))
    expect(await readFile(path)).toEqual(Buffer.of(1, 2, 3))
    expect((await checkpointFile(path)).resume).toEqual(Buffer.of(1, 2, 3))
  })

  it('throws where the file cannot be read', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(checkpointFile(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  it('gives killed runs the weights of one that was never killed', async () => {
    const whole = await run(join(folder, 'whole.checkpoint'))
    const path = join(folder, 'killed.checkpoint')
    for (const killAt of [11, 40, 70]) expect((await run(path, killAt)).weights).toBeUndefined()
    const last = await run(path)
    expect(last.firstStep).toBeGreaterThan(60)
    expect(last.weights).toBe(whole.weights)
  }, 60_000)
})
