import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const WRITERS = 8
const KILLS = 3
/** How long the writers write between two deaths of the server. */
const BETWEEN_KILLS_MS = (Number(process.env.FIVEFOLD_CRASH_SECONDS ?? 6) * 1000) / (KILLS + 1)
const POINTS = 20

// The server is a process of its own, which runs the built files.
const main = fileURLToPath(import.meta.url).replace('/fivefold/src/server/crash.test.ts', '/fivefold/dist/cli/main.js')

let folder: string
let server: ChildProcess
let url: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-crash-'))
  url = `http://127.0.0.1:${await freePort()}`
})
afterEach(async () => {
  server.kill('SIGTERM')
  await once(server, 'exit')
  await rm(folder, { recursive: true })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  return port
}

async function startServer(): Promise<void> {
  const args = [main, 'up', '--port', new URL(url).port, '--store', folder]
  server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(server.stdout!, 'data')
}

async function post(path: string, body: object): Promise<unknown> {
  const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json()
}

/** Sends the same batch again until it is acknowledged. */
async function postUntilAcknowledged(path: string, body: object): Promise<void> {
  for (;;) {
    try {
      await post(path, body)
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

it('keeps every acknowledged point once, though the server is killed while eight write', async () => {
  await startServer()
  const { run } = (await post('runs/create', { experiment_id: '0' })) as { run: { info: { run_id: string } } }
  const { run_id } = run.info
  let stop = false
  const write = async (writer: number): Promise<number> => {
    let step = 0
    while (!stop) {
      const metrics = Array.from({ length: POINTS }, (_, i) => ({
        key: `writer${writer}`,
        value: (step + i) / 3,
        timestamp: 1000 + step + i,
        step: step + i,
      }))
      await postUntilAcknowledged('runs/log-batch', { run_id, metrics })
      step += POINTS
    }
    return step
  }
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer))
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_KILLS_MS))
    server.kill('SIGKILL')
    await once(server, 'exit')
    await startServer()
  }
  await new Promise((resolve) => setTimeout(resolve, BETWEEN_KILLS_MS))
  stop = true
  const counts = await Promise.all(writers)
  for (const [writer, count] of counts.entries()) {
    expect(count).toBeGreaterThan(POINTS * KILLS)
    const answer = await fetch(`${url}/api/2.0/mlflow/metrics/get-history?run_id=${run_id}&metric_key=writer${writer}`)
    const { metrics } = (await answer.json()) as { metrics: { step: number; value: number; timestamp: number }[] }
    const expected = Array.from({ length: count }, (_, step) => [step, step / 3, 1000 + step])
    expect(metrics.map(({ step, value, timestamp }) => [step, value, timestamp])).toEqual(expected)
  }
  const total = counts.reduce((sum, count) => sum + count, 0)
  console.info(`${total} acknowledged points, each there once`)
}, 180_000)
