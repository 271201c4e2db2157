import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContext } from '../../core/index.ts'
import { type RunningTrackingServer, serveTracking } from '../../server/index.ts'
import { openTrackingStore, type TrackingStore } from '../index.ts'
import { createTrackingClient } from './tracking-client.ts'

const root = new URL('../../../../../', import.meta.url)
const jiti = new URL('node_modules/jiti/lib/jiti-cli.mjs', root).pathname

let folder: string
let store: TrackingStore
let server: RunningTrackingServer
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-killed-'))
  store = await openTrackingStore(join(folder, 'fivefold.db'))
  server = await serveTracking({ store, context: createContext() })
})
afterEach(async () => {
  await server.close()
  await store.close()
  await rm(folder, { recursive: true })
})

const WRITER = `
import { createTrackingClient } from ${JSON.stringify(new URL('./tracking-client.ts', import.meta.url).pathname)}
const [url, journal] = process.argv.slice(2)
const client = createTrackingClient({ url, journal, delayMs: 1 })
const run = client.startRun({ experiment: 'killed', name: 'writer' })
let step = 0
const log = () => {
  for (let i = 0; i < 200; i++) run.metric('loss', step, step++)
  process.stdout.write(step + '\\n')
  setTimeout(log, 1)
}
log()
`

interface Writer {
  readonly child: ChildProcess
  /** Steps whose logging call had returned. */
  logged(): number
}

async function startWriter(url: string): Promise<Writer> {
  const script = join(folder, 'writer.ts')
  const { writeFile } = await import('node:fs/promises')
  await writeFile(script, WRITER)
  const child = spawn(process.execPath, [jiti, script, url, join(folder, 'journal')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let logged = 0
  createInterface({ input: child.stdout! }).on('line', (line) => {
    logged = Number(line)
  })
  return { child, logged: () => logged }
}

async function killAfter(writer: Writer, steps: number): Promise<void> {
  while (writer.logged() < steps && writer.child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 5))
  const exited = once(writer.child, 'exit')
  writer.child.kill('SIGKILL')
  await exited
}

const steps = async (): Promise<number[]> => {
  const [run] = await store.listRuns()
  return (await store.metricHistory(run!.id, 'loss')).map(({ value }) => value)
}

describe('a process that is killed while it logs', () => {
  for (const isServerUp of [true, false])
    it(`loses no value that a call had taken, and none is there twice: server ${isServerUp ? 'up' : 'down'}`, async () => {
      const { url, port } = server
      if (!isServerUp) await server.close()
      const writer = await startWriter(url)
      await killAfter(writer, 3000)
      if (!isServerUp) server = await serveTracking({ store, context: createContext(), port })
      const client = createTrackingClient({ url, journal: join(folder, 'journal'), retryMs: 2 })
      await client.flush()
      await client.close()
      const found = await steps()
      expect(found.length).toBeGreaterThanOrEqual(writer.logged())
      expect(writer.logged()).toBeGreaterThanOrEqual(3000)
      expect(found).toEqual(found.map((_, step) => step))
      expect(await store.listRuns()).toMatchObject([{ status: 'killed' }])
    })
})
