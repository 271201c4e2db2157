import cluster from 'node:cluster'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { createTypedGraph, encodeModel, floats } from '../../../onnx/index.ts'
import { type RunningWorkers, serveInWorkers } from './serve-in-workers.ts'

let folder = ''
let server: RunningWorkers | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-workers-'))
})
afterEach(async () => {
  await server?.close()
  await rm(folder, { recursive: true })
})

async function writeVersion(version: string, factor: number, name = 'scaled'): Promise<void> {
  const graph = createTypedGraph({ name })
  graph.output(
    'y',
    graph.node('Mul', [graph.input('x', 'float', ['rows', 1]), graph.initializer('f', floats([factor]))]),
  )
  await mkdir(join(folder, name, version), { recursive: true })
  await writeFile(join(folder, name, version, 'model.onnx'), encodeModel(graph.build()))
}

const post = (path: string, body?: object): Promise<Response> =>
  // A connection of its own for each request, so that the processes take turns.
  fetch(`${server!.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
/** The status, asked again where the process that had the call was the one that died. */
const call = async (path: string): Promise<number> => {
  for (;;) {
    const reply = await post(path).catch(() => undefined)
    if (reply) return reply.status
  }
}

async function killAndWait(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await until(() => !server!.processIds().includes(pid))
  await until(() => server!.processIds().length === 2)
}

const predicted = async (): Promise<number> =>
  ((await (await post('/predict', { inputs: { x: [[3]] } })).json()) as { outputs: { y: { data: [number] } } }).outputs
    .y.data[0]

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('serveInWorkers', () => {
  it('shares a port, adds up metrics, swaps models in all processes, and starts one that dies again', async () => {
    await writeVersion('1', 2)
    server = await serveInWorkers({ workers: 2, modelsDir: folder, allowManagement: true, context: createContext() })
    const before = server.processIds()
    expect([before.length, server.statuses()]).toEqual([2, [{ name: 'scaled', version: '1', state: 'ready' }]])
    expect(await Promise.all(Array.from({ length: 20 }, predicted))).toEqual(new Array(20).fill(6))
    for (let i = 0; i < 2; i++) {
      const metrics = await (await fetch(`${server.url}/metrics`, { headers: { connection: 'close' } })).text()
      expect(metrics).toContain('fivefold_rows_total{model="scaled",version="1"} 20\n')
    }
    await writeVersion('2', 5)
    expect((await post('/v2/repository/models/scaled/load')).status).toBe(200)
    expect(await Promise.all(Array.from({ length: 10 }, predicted))).toEqual(new Array(10).fill(15))

    process.kill(before[0]!, 'SIGKILL')
    await until(() => !server!.processIds().includes(before[0]!))
    expect(await predicted()).toBe(15)
    await until(() => server!.processIds().length === 2)
    expect(server.processIds()).toContain(before[1])
    expect(await Promise.all(Array.from({ length: 10 }, predicted))).toEqual(new Array(10).fill(15))
  }, 60_000)

  it('starts a process again with what the others hold: no version that nobody asked for, nothing that was unloaded', async () => {
    await writeVersion('1', 2)
    await writeVersion('1', 7, 'unloaded')
    server = await serveInWorkers({ workers: 2, modelsDir: folder, allowManagement: true, context: createContext() })
    expect((await post('/v2/repository/models/unloaded/unload')).status).toBe(200)
    await writeVersion('2', 5)
    await killAndWait(server.processIds()[0]!)
    expect(await Promise.all(Array.from({ length: 10 }, predicted))).toEqual(new Array(10).fill(6))
    for (let i = 0; i < 4; i++) expect((await post('/v2/models/unloaded/infer', {})).status).toBe(404)
  }, 60_000)

  it('swaps while processes die and come back: no call fails, and none stays behind', async () => {
    await writeVersion('1', 1)
    server = await serveInWorkers({ workers: 2, modelsDir: folder, allowManagement: true, context: createContext() })
    for (let version = 2; version <= 6; version++) {
      await writeVersion(String(version), version)
      // The process that has the call, or the other one.
      const swapped = call('/v2/repository/models/scaled/load')
      await killAndWait(server.processIds()[version % 2]!)
      expect(await swapped).toBe(200)
      expect(await Promise.all(Array.from({ length: 10 }, predicted))).toEqual(new Array(10).fill(3 * version))
    }
  }, 60_000)

  it('ends also the process that is only starting', async () => {
    await writeVersion('1', 1)
    server = await serveInWorkers({ workers: 2, modelsDir: folder, context: createContext() })
    const [victim] = server.processIds()
    process.kill(victim!, 'SIGKILL')
    await until(() => !server!.processIds().includes(victim!))
    await until(() => Object.keys(cluster.workers!).length === 2)
    await server.close()
    expect(Object.keys(cluster.workers!)).toEqual([])
  }, 60_000)

  it('says what a process could not load', async () => {
    const started = serveInWorkers({ workers: 2, models: [{ path: folder }], context: createContext() })
    await expect(started).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  }, 60_000)
})
