import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nullRunSink } from '../core/index.ts'
import { openTrackingStore, type TrackingStore } from '../track/index.ts'
import { type RegisterInput, runRegisterStage } from './register-stage.ts'

describe('runRegisterStage', () => {
  let folder: string
  let store: TrackingStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fivefold-register-'))
    store = await openTrackingStore(join(folder, 'fivefold.db'))
  })
  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })

  const folderWith = async (name: string): Promise<string> => {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'MLmodel'), 'flavors: {sklearn: {}}\n')
    return join(folder, name)
  }

  it('leaves a champion in place that is no bundle of ours', async () => {
    await store.registerModel('income', await folderWith('foreign'))
    await store.setAlias('income', 'champion', 1)
    await folderWith('model')
    const runId = await store.createRun({ experiment: 'income', startedMs: 0 })
    const evaluation = { metrics: {}, criteria: [], metric: 'rocAuc', task: 'classification', target: 'y', classes: [] }
    const input = {
      config: { name: 'income' },
      paths: { out: folder },
      stages: { run: (_stage: string, work: () => Promise<unknown>) => work() },
      data: { hash: 'sha256:0' },
      run: { id: runId, store, sink: nullRunSink, model: () => {} },
      evaluation,
    } as unknown as RegisterInput
    const { version, warning } = await runRegisterStage(input)
    expect(version).toBe('income/2')
    expect(warning).toMatch(/version 1 is no bundle of Fivefold's/)
    expect((await store.resolveModel('income@champion')).version).toBe(1)
  })
})
