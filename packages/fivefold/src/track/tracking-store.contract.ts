import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CONTENT_CASES } from './contract/content-cases.ts'
import { type ContractCase, rejectsWith } from './contract/contract-case.ts'
import { LIFECYCLE_CASES } from './contract/lifecycle-cases.ts'
import { SEARCH_CASES } from './contract/search-cases.ts'

async function makeBundle(folder: string, content: string): Promise<string> {
  const path = join(folder, `bundle-${content}`)
  await mkdir(join(path, 'nested'), { recursive: true })
  await writeFile(join(path, 'model.onnx'), content)
  await writeFile(join(path, 'nested', 'notes.txt'), 'notes')
  return path
}

/** What every tracking store must do, whatever it is built on. Each case is given a fresh store. */
export const TRACKING_STORE_CONTRACT: readonly ContractCase[] = [
  ...SEARCH_CASES,
  ...LIFECYCLE_CASES,
  ...CONTENT_CASES,
  {
    name: 'keeps what a run logs',
    async run(store) {
      const id = await store.createRun({ experiment: 'income', startedMs: 1000 })
      await store.logBatch(id, {
        params: { seed: '7' },
        tags: { owner: 'ada' },
        metrics: [
          { key: 'loss', value: 0.5, step: 1, timestampMs: 10 },
          { key: 'loss', value: 0.25, step: 2, timestampMs: 20 },
        ],
      })
      await store.finishRun(id, 'finished', 2000)
      const experiment = await store.findExperiment('income')
      const name = `run-${id.slice(0, 8)}`
      assert.deepEqual(await store.getRun(id), {
        id,
        name,
        experiment: 'income',
        experimentId: experiment?.id,
        user: '',
        status: 'finished',
        lifecycle: 'active',
        startedMs: 1000,
        endedMs: 2000,
        artifactUri: `mlflow-artifacts:/${experiment?.id}/${id}/artifacts`,
        inputs: { datasets: [], modelIds: [] },
        outputs: [],
        params: { seed: '7' },
        tags: { 'mlflow.runName': name, owner: 'ada' },
        metrics: { loss: { key: 'loss', value: 0.25, step: 2, timestampMs: 20 } },
      })
      assert.deepEqual(
        (await store.metricHistory(id, 'loss')).map(({ value }) => value),
        [0.5, 0.25],
      )
      assert.deepEqual(
        (await store.listExperiments()).map(({ name }) => name),
        ['Default', 'income'],
      )
    },
  },
  {
    name: 'takes the highest step as the latest metric, then the latest time, then the largest value',
    async run(store) {
      const id = await store.createRun({ experiment: 'e' })
      const log = (value: number, step: number, timestampMs: number): Promise<void> =>
        store.logBatch(id, { metrics: [{ key: 'm', value, step, timestampMs }] })
      await log(1, 5, 10)
      await log(2, 4, 99)
      assert.equal((await store.getRun(id)).metrics.m?.value, 1)
      await log(3, 5, 11)
      await log(2.5, 5, 11)
      assert.equal((await store.getRun(id)).metrics.m?.value, 3)
      await log(Number.NaN, 6, 1)
      assert.ok(Number.isNaN((await store.getRun(id)).metrics.m?.value))
      await log(Number.NEGATIVE_INFINITY, 7, 1)
      assert.equal((await store.getRun(id)).metrics.m?.value, Number.NEGATIVE_INFINITY)
      assert.equal((await store.metricHistory(id, 'm')).length, 6)
    },
  },
  {
    name: 'keeps the value of a parameter, overwrites tags, and adds a batch as a whole or not at all',
    async run(store) {
      const id = await store.createRun({ experiment: 'e' })
      await store.logBatch(id, { params: { rate: '0.1' }, tags: { note: 'a' } })
      await store.logBatch(id, { params: { rate: '0.1' }, tags: { note: 'b' } })
      const metrics = [{ key: 'm', value: 1, step: 0, timestampMs: 0 }]
      await rejectsWith(store.logBatch(id, { params: { rate: '0.2' }, tags: { note: 'c' }, metrics }), 'STORE_CONFLICT')
      const run = await store.getRun(id)
      assert.deepEqual([run.params, run.tags.note, run.metrics], [{ rate: '0.1' }, 'b', {}])
      // What fails is found while the rest is being written.
      const many = Array.from({ length: 500 }, (_, step) => ({ key: 'm', value: step, step, timestampMs: 0 }))
      const unknown = { key: 'm', value: 1, step: 500, timestampMs: 0, modelId: 'm-none' }
      await rejectsWith(store.logBatch(id, { tags: { note: 'd' }, metrics: [...many, unknown] }), 'MODEL_NOT_FOUND')
      assert.deepEqual(await store.getRun(id), run)
      await store.logBatch(id, { metrics })
      assert.deepEqual(await store.metricHistory(id, 'm'), metrics)
    },
  },
  {
    name: 'ends a run once',
    async run(store) {
      const id = await store.createRun({ experiment: 'e' })
      assert.equal((await store.getRun(id)).status, 'running')
      await store.finishRun(id, 'failed')
      await store.finishRun(id, 'failed')
      await rejectsWith(store.finishRun(id, 'finished'), 'STORE_CONFLICT')
      assert.equal((await store.getRun(id)).status, 'failed')
    },
  },
  {
    name: 'lists runs newest first, of one experiment, up to a limit',
    async run(store) {
      const first = await store.createRun({ experiment: 'a', startedMs: 1 })
      const second = await store.createRun({ experiment: 'a', startedMs: 2 })
      const other = await store.createRun({ experiment: 'b', startedMs: 3 })
      const ids = async (filter?: { experiment?: string; limit?: number }): Promise<string[]> =>
        (await store.listRuns(filter)).map(({ id }) => id)
      assert.deepEqual(await ids(), [other, second, first])
      assert.deepEqual(await ids({ experiment: 'a' }), [second, first])
      assert.deepEqual(await ids({ limit: 1 }), [other])
    },
  },
  {
    name: 'says which run does not exist',
    async run(store) {
      const batch = { tags: { a: 'b' } }
      for (const call of [
        () => store.getRun('none'),
        () => store.logBatch('none', batch),
        () => store.finishRun('none', 'failed'),
        () => store.metricHistory('none', 'm'),
        () => store.listArtifacts('none'),
        () => store.logArtifact('none', 'a', 'b'),
      ])
        await rejectsWith(call(), 'RUN_NOT_FOUND')
    },
  },
  {
    name: 'keeps copies of artifacts, the same content once',
    async run(store, folder) {
      const id = await store.createRun({ experiment: 'e' })
      const reports = await makeBundle(folder, 'x')
      await store.logArtifact(id, 'reports', reports)
      await store.logArtifact(id, 'again', join(reports, 'model.onnx'))
      await rm(reports, { recursive: true })
      const artifacts = await store.listArtifacts(id)
      assert.deepEqual(
        artifacts.map(({ name, sizeBytes }) => [name, sizeBytes]),
        [
          ['again', 1],
          ['reports/model.onnx', 1],
          ['reports/nested/notes.txt', 5],
        ],
      )
      assert.equal(artifacts[0]?.path, artifacts[1]?.path)
      await rejectsWith(store.logArtifact(id, '../outside', folder), 'OPTION_INVALID')
    },
  },
  {
    name: 'gives versions, and keeps the model when its folder is gone',
    async run(store, folder) {
      const runId = await store.createRun({ experiment: 'e' })
      const metrics = { rocAuc: { value: 0.9, low: 0.8, high: 0.95 } }
      const bundle = await makeBundle(folder, 'one')
      const first = await store.registerModel('income', bundle, { runId, metrics })
      const second = await store.registerModel('income', await makeBundle(folder, 'two'))
      await rm(bundle, { recursive: true })
      assert.deepEqual([first.version, second.version], [1, 2])
      const found = await store.resolveModel('income/1')
      assert.deepEqual([found.runId, found.metrics, found.bundlePath], [runId, metrics, first.bundlePath])
      assert.equal((await store.resolveModel('income@latest')).version, 2)
      const again = await store.registerModel('income', found.bundlePath)
      assert.deepEqual([again.version, again.bundlePath], [3, first.bundlePath])
      await rejectsWith(store.registerModel('no good', found.bundlePath), 'OPTION_INVALID')
      await rejectsWith(store.registerModel('income', found.bundlePath, { runId: 'none' }), 'RUN_NOT_FOUND')
    },
  },
  {
    name: 'moves and deletes aliases, and remembers who moved',
    async run(store, folder) {
      const bundle = await makeBundle(folder, 'one')
      await store.registerModel('m', bundle)
      await store.registerModel('m', bundle)
      await store.setAlias('m', 'champion', 1)
      await store.setAlias('m', 'champion', 2)
      assert.equal((await store.resolveModel('m@champion')).version, 2)
      const [model] = await store.listModels()
      assert.deepEqual(
        model?.versions.map(({ version, aliases }) => [version, aliases]),
        [
          [2, ['champion']],
          [1, []],
        ],
      )
      await store.deleteAlias('m', 'champion')
      await rejectsWith(store.resolveModel('m@champion'), 'MODEL_NOT_FOUND')
      const trail = await store.auditTrail('m')
      assert.deepEqual(
        trail.map(({ action, details }) => [action, details.version ?? null, details.before ?? null]),
        [
          ['registerModel', 1, null],
          ['registerModel', 2, null],
          ['setAlias', 1, null],
          ['setAlias', 2, 1],
          ['deleteAlias', null, 2],
        ],
      )
    },
  },
  {
    name: 'refuses references and aliases that lead nowhere',
    async run(store, folder) {
      await store.registerModel('m', await makeBundle(folder, 'one'))
      for (const reference of ['m/2', 'm@none', 'other/1', 'm', '', 'm/0', '../m/1'])
        await rejectsWith(store.resolveModel(reference), 'MODEL_NOT_FOUND')
      await rejectsWith(store.setAlias('m', 'champion', 2), 'MODEL_NOT_FOUND')
      await rejectsWith(store.deleteAlias('m', 'champion'), 'MODEL_NOT_FOUND')
      for (const alias of ['latest', 'v1', 'a b', ''])
        await rejectsWith(store.setAlias('m', alias, 1), 'OPTION_INVALID')
    },
  },
  {
    name: 'loses nothing when many write at once',
    async run(store, folder) {
      const bundle = await makeBundle(folder, 'one')
      const id = await store.createRun({ experiment: 'e' })
      const indexes = Array.from({ length: 20 }, (_, i) => i)
      const versions = await Promise.all(
        indexes.map(async (step) => {
          await store.logBatch(id, { metrics: [{ key: 'm', value: step, step, timestampMs: step }] })
          return (await store.registerModel('m', bundle)).version
        }),
      )
      assert.deepEqual(
        versions.sort((a, b) => a - b),
        indexes.map((i) => i + 1),
      )
      assert.equal((await store.metricHistory(id, 'm')).length, 20)
    },
  },
]
