import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContext } from '../core/index.ts'
import { serveTracking } from '../server/index.ts'
import { openTrackingStore, type Run, type TrackingStore } from '../track/index.ts'
import { runProject } from './run-project.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-tracked-'))
  const rows = Array.from({ length: 240 }, (_, row) => {
    const x = (row * 37) % 101
    return `${x},${(row * 53) % 29},${x + ((row * 7) % 5) > 50 ? 'yes' : 'no'}`
  })
  await writeFile(join(folder, 'data.csv'), ['x,z,y', ...rows, ''].join('\n'))
  const git = (...args: string[]): unknown => execFileSync('git', ['-C', folder, ...args], { stdio: 'pipe' })
  git('init', '-q')
  await writeFile(join(folder, 'code.txt'), 'before\n')
  git('add', 'code.txt')
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'first')
  await writeFile(join(folder, 'code.txt'), 'after\n')
})
afterEach(() => rm(folder, { recursive: true }))

const CONFIG = { name: 'churn', data: 'data.csv', target: 'y' }

async function expectWhole(store: TrackingStore): Promise<Run> {
  const runs = await store.listRuns({ experiment: 'churn' })
  const parentOf = (run: Run): string | undefined => run.tags['mlflow.parentRunId']
  const [top] = runs.filter((run) => parentOf(run) === undefined)
  expect(top).toMatchObject({ status: 'finished', params: { seed: '7' } })
  const { tags } = top!
  expect(tags['fivefold.dataHash']).toMatch(/^sha256:/)
  expect(tags['fivefold.dataVersion']).toBeDefined()
  expect(tags['fivefold.modelVersion']).toBe('churn/1')
  expect(tags).toMatchObject({
    'fivefold.codeState': 'changed',
    'mlflow.source.git.commit': expect.stringMatching(/^[0-9a-f]{40}$/),
  })
  expect(top!.inputs.datasets[0]?.dataset.name).toBe('data.csv')
  expect(Object.keys(top!.metrics)).toEqual(
    expect.arrayContaining(['test.rocAuc', 'system/system_memory_usage_percentage']),
  )
  const names = (await store.listArtifacts(top!.id)).map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining([
      'provenance/code.diff',
      'provenance/config.json',
      'provenance/environment.json',
      'reports/evaluation.html',
    ]),
  )

  const candidates = runs.filter((run) => parentOf(run) === top!.id)
  expect(candidates.length).toBeGreaterThan(0)
  const folds = runs.filter((run) => candidates.some(({ id }) => id === parentOf(run)))
  expect(folds).toHaveLength(5 * candidates.length)
  expect(runs).toHaveLength(1 + candidates.length + folds.length)
  for (const run of runs) expect(run.status).toBe('finished')
  for (const run of candidates) expect(run.metrics['validation.rocAuc']?.value).toBeGreaterThan(0.5)

  const [output] = top!.outputs
  const model = await store.getLoggedModel(output!.modelId)
  expect(model).toMatchObject({ name: 'model', status: 'ready', sourceRunId: top!.id })
  const files = await store.listArtifactFolder(model.artifactUri.replace(/^mlflow-artifacts:\/+/, ''))
  expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['MLmodel', 'model.onnx', 'fivefold.json']))
  return top!
}

describe('what a run leaves in tracking', () => {
  it('is all there in the store of the project', async () => {
    await runProject(CONFIG, createContext({ seed: 7, threads: 1 }), { projectFolder: folder })
    await using store = await openTrackingStore(join(folder, '.fivefold', 'fivefold.db'))
    const run = await expectWhole(store)
    const folds = (await store.listRuns()).filter(({ name }) => name === 'boosting fold 0')
    expect(folds).toHaveLength(1)
    const curve = await store.metricHistory(folds[0]!.id, 'validation/loss')
    expect(curve.length).toBeGreaterThan(1)
    expect(curve.map(({ step }) => step)).toEqual([...curve.keys()].map((index) => index + curve[0]!.step))
    const version = await store.getModelVersion('churn', 1)
    expect(version).toMatchObject({ runId: run.id, tags: { 'fivefold.dataHash': run.tags['fivefold.dataHash'] } })
  })

  it('is all there on a server, with a version of its registry', async () => {
    await mkdir(join(folder, 'elsewhere'))
    await using remote = await openTrackingStore(join(folder, 'elsewhere', 'fivefold.db'))
    const context = createContext({ seed: 7, threads: 1 })
    const server = await serveTracking({ store: remote, context })
    try {
      const options = { projectFolder: folder, tracking: { url: server.url } }
      await runProject({ ...CONFIG, budgetMs: 1 }, context, options)
      const run = await expectWhole(remote)
      const version = await remote.resolveModel('churn@champion')
      expect(version).toMatchObject({ version: 1, runId: run.id, modelId: run.outputs[0]!.modelId })
      expect(await readdir(join(folder, '.fivefold', 'journal'))).toEqual([])
      await using local = await openTrackingStore(join(folder, '.fivefold', 'fivefold.db'))
      expect(await local.listRuns()).toEqual([])
      expect(await local.resolveModel('churn@champion')).toMatchObject({ version: 1, runId: null })
    } finally {
      await server.close()
    }
  })
})
