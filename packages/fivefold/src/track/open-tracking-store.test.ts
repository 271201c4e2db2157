import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../core/index.ts'
import { openTrackingStore, type TrackingStore } from './index.ts'
import { TRACKING_STORE_CONTRACT } from './tracking-store.contract.ts'

let folder: string
let store: TrackingStore
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-track-'))
  path = join(folder, 'store', 'fivefold.db')
  store = await openTrackingStore(path)
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

describe('the embedded store', () => {
  it.each(TRACKING_STORE_CONTRACT)('$name', ({ run }) => run(store, folder))

  it('finds everything again after it is closed', async () => {
    const id = await store.createRun({ experiment: 'e' })
    await store.close()
    store = await openTrackingStore(path)
    expect((await store.getRun(id)).experiment).toBe('e')
  })

  it('collects deleted runs with what only they named, and says before what would go', async () => {
    let laterMs = 0
    const clock = { ...systemClock, nowMs: () => Date.now() + laterMs }
    await using later = await openTrackingStore(path, { clock })
    const write = (id: string, name: string, text: string): Promise<void> =>
      later.writeArtifact(`0/${id}/artifacts/${name}`, Readable.from([Buffer.from(text)]))
    const [kept, gone] = [await later.createRun({}), await later.createRun({})]
    await write(kept, 'shared.txt', 'shared')
    await write(gone, 'shared.txt', 'shared')
    await write(gone, 'own.txt', 'only here')
    await later.logBatch(gone, { metrics: [{ key: 'm', value: 1, step: 0, timestampMs: 0 }], params: { a: 'b' } })
    await later.setRunLifecycle(gone, 'deleted')
    // Content of the last hour is left alone: it may be on its way to a name.
    laterMs = 2 * 60 * 60 * 1000
    const before = await later.getRun(gone)
    const expected = { runs: 1, loggedModels: 0, files: 1, bytes: 9, uploads: 0 }
    expect(await later.collectGarbage({ dryRun: true })).toEqual(expected)
    expect(await later.getRun(gone)).toEqual(before)
    expect(await later.collectGarbage({ deletedBeforeMs: clock.nowMs() - laterMs - 60_000 })).toEqual({
      ...expected,
      runs: 0,
      files: 0,
      bytes: 0,
    })
    expect(await later.collectGarbage()).toEqual(expected)
    await expect(later.getRun(gone)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
    expect(await later.collectGarbage()).toEqual({ runs: 0, loggedModels: 0, files: 0, bytes: 0, uploads: 0 })
    expect((await later.listArtifacts(kept)).map(({ name }) => name)).toEqual(['shared.txt'])
  })

  it('says that a file is no store', async () => {
    const broken = join(folder, 'broken.db')
    await writeFile(broken, 'this is not a database, and long enough that nobody could take it for an empty one')
    await expect(openTrackingStore(broken)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('leaves nothing half-copied where the model is missing', async () => {
    await expect(store.registerModel('m', join(folder, 'absent'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await store.listModels()).toEqual([])
    expect(await readdir(join(folder, 'store'))).not.toContain('models')
  })
})

/** Another process on the same store; runs the built files, since Node cannot run the sources. */
function otherProcess(script: string): ChildProcess {
  const compiled = new URL('./index.js', import.meta.url).href.replace('/fivefold/src/', '/fivefold/dist/')
  const head = `import { openTrackingStore } from ${JSON.stringify(compiled)}
    const store = await openTrackingStore(${JSON.stringify(path)});`
  return spawn(process.execPath, ['--input-type=module', '-e', head + script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

describe('several processes', () => {
  it('lose nothing when they write at once', async () => {
    const id = await store.createRun({ experiment: 'e' })
    const script = `for (let step = 0; step < 100; step++)
      await store.logBatch('${id}', { metrics: [{ key: 'm' + process.pid, value: step, step, timestampMs: 0 }] });
      await store.close()`
    const others = [otherProcess(script), otherProcess(script)]
    for (let step = 0; step < 100; step++) {
      await store.logBatch(id, { metrics: [{ key: 'own', value: step, step, timestampMs: 0 }] })
      // Waiting for the lock holds the thread; give the others' exit events a chance.
      await new Promise(setImmediate)
    }
    await Promise.all(others.map((other) => once(other, 'exit')))
    const { metrics } = await store.getRun(id)
    expect(Object.keys(metrics)).toHaveLength(3)
    for (const key of Object.keys(metrics)) expect(await store.metricHistory(id, key)).toHaveLength(100)
  })

  it('leave a valid store when one is killed while it writes', async () => {
    const id = await store.createRun({ experiment: 'e' })
    const other = otherProcess(`for (let step = 0; ; step++) {
      await store.logBatch('${id}', { params: { ['p' + step]: 'x' }, metrics: [{ key: 'm', value: step, step, timestampMs: 0 }] });
      if (step === 20) console.log('under way') }`)
    await once(other.stdout!, 'data')
    other.kill('SIGKILL')
    await once(other, 'exit')
    const run = await store.getRun(id)
    const history = await store.metricHistory(id, 'm')
    expect(history.length).toBeGreaterThan(20)
    expect(Object.keys(run.params)).toHaveLength(history.length)
    await store.finishRun(id, 'killed')
  })
})
