import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTrackingStore } from '../index.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-migrate-'))
  path = join(folder, 'fivefold.db')
})
afterEach(() => rm(folder, { recursive: true }))

async function writeFixture(name: string): Promise<void> {
  const file = new Libsql(path)
  file.exec(await readFile(new URL(`fixtures/${name}`, import.meta.url), 'utf8'))
  file.close()
}

const RUN = 'f154400c98b247008e268131588212fe'

describe('a store of the first form', () => {
  it('keeps everything that was in it', async () => {
    await writeFixture('form-1.sql')
    const store = await openTrackingStore(path)
    const run = await store.getRun(RUN)
    expect(run).toMatchObject({
      experiment: 'income',
      name: 'run-f154400c',
      status: 'finished',
      params: { seed: '7' },
      tags: { owner: 'ada' },
    })
    expect(run.metrics.loss).toEqual({ key: 'loss', value: 0.25, step: 2, timestampMs: 20 })
    expect(run.metrics.bad!.value).toBeNaN()
    expect(run.metrics.far!.value).toBe(Number.POSITIVE_INFINITY)
    // It had been logged three times, of which two were the same point.
    expect((await store.metricHistory(RUN, 'loss')).map(({ value }) => value)).toEqual([0.5, 0.25])
    expect((await store.listArtifacts(RUN)).map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
      ['reports/model.onnx', 1],
      ['reports/nested/notes.txt', 5],
    ])
    const champion = await store.resolveModel('income@champion')
    expect(champion).toMatchObject({ version: 1, runId: RUN, metrics: { rocAuc: { value: 0.9 } }, stage: 'None' })
    expect(champion.source).toMatch(/^mlflow-artifacts:\/registry\/[0-9a-f]{64}$/)
    expect((await store.auditTrail('income')).map(({ action }) => action)).toEqual([
      'registerModel',
      'registerModel',
      'setAlias',
    ])
    await store.close()
  })

  it('goes on from there', async () => {
    await writeFixture('form-1.sql')
    const store = await openTrackingStore(path)
    await store.logBatch(RUN, { metrics: [{ key: 'loss', value: 0.125, step: 3, timestampMs: 30 }] })
    expect((await store.getRun(RUN)).metrics.loss!.value).toBe(0.125)
    const { version } = await store.createModelVersion({ name: 'income', source: 's3://bucket/model' })
    expect(version).toBe(3)
    const { items } = await store.searchExperiments({ orderBy: ['name'] })
    expect(items.map(({ name }) => name)).toEqual(['Default', 'income', 'other'])
    await store.close()
    await (await openTrackingStore(path)).close()
  })

  it('is refused by a release that is older than it', async () => {
    await (await openTrackingStore(path)).close()
    const file = new Libsql(path)
    file.exec("insert into migrations values (99, 'later', 0)")
    file.close()
    await expect(openTrackingStore(path)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
