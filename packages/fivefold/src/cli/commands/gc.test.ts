import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../core/index.ts'
import { openTrackingStore } from '../../track/index.ts'
import { runCli } from '../run-cli.ts'

let folder: string
let output: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-gc-'))
  output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

const DAY_MS = 86_400_000

/** Two runs, one of them deleted two days ago. */
async function fill(): Promise<void> {
  const clock = { ...systemClock, nowMs: () => Date.now() - 2 * DAY_MS }
  await using store = await openTrackingStore(join(folder, 'fivefold.db'), { clock })
  await store.createRun({})
  await store.setRunLifecycle(await store.createRun({}), 'deleted')
}

const gc = async (...flags: string[]): Promise<unknown> => {
  output = ''
  expect(await runCli(['gc', '--store', folder, '--json', ...flags])).toBe(0)
  return JSON.parse(output)
}

it('removes what was deleted long enough ago, and nothing in a dry run', async () => {
  await fill()
  const nothing = { runs: 0, loggedModels: 0, files: 0, bytes: 0, uploads: 0 }
  expect(await gc()).toEqual({ dryRun: false, ...nothing })
  expect(await gc('--older-than', '3d')).toEqual({ dryRun: false, ...nothing })
  expect(await gc('--older-than', '1d', '--dry-run')).toEqual({ dryRun: true, ...nothing, runs: 1 })
  expect(await gc('--older-than', '1d')).toEqual({ dryRun: false, ...nothing, runs: 1 })
  expect(await gc('--older-than', '0s')).toEqual({ dryRun: false, ...nothing })
})
