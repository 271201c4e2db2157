import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createContext, FivefoldError } from '../../core/index.ts'
import { openTrackingStore, type TrackingStore } from '../../track/index.ts'
import { readConsoleFiles } from '../../web-console/index.ts'
import { exportRun } from './export-run.ts'

let folder: string
let store: TrackingStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-export-'))
  store = await openTrackingStore(join(folder, 'fivefold.db'))
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const isBuilt = (await readConsoleFiles()).length > 0

it('writes the page with the run in it, and its artifacts beside it', async (test) => {
  if (!isBuilt) {
    if (process.env.CI) throw new Error('the console is not built: npm run build:console')
    console.warn('skipped: the console is not built (npm run build:console)')
    test.skip()
  }
  const runId = await store.createRun({ experiment: 'churn', name: 'a </script><script>alert(1)</script>' })
  await store.logBatch(runId, {
    metrics: [1, 2].map((step) => ({ key: 'loss', value: 1 / step, step, timestampMs: step })),
  })
  const child = await store.createRun({ experiment: 'churn', tags: { 'mlflow.parentRunId': runId } })
  await writeFile(join(folder, 'card.md'), '# Churn')
  await store.logArtifact(runId, 'reports/card.md', join(folder, 'card.md'))
  const target = join(folder, 'exported')
  await exportRun({ store, runId, folder: target, context: createContext() })
  const page = await readFile(join(target, 'index.html'), 'utf8')
  expect(page).not.toContain('alert(1)</script>')
  const record = JSON.parse(/id="fivefold-run">(.*?)<\/script>/.exec(page)![1]!)
  expect(record).toMatchObject({
    format: 1,
    experiment: { name: 'churn' },
    run: { info: { run_id: runId } },
    children: [{ info: { run_id: child } }],
    metrics: { loss: [{ step: 1 }, { step: 2 }] },
    files: [{ path: 'reports/card.md', file_size: 7 }],
    texts: { 'reports/card.md': '# Churn' },
  })
  expect(await readFile(join(target, 'artifacts/reports/card.md'), 'utf8')).toBe('# Churn')
  for (const [, asset] of page.matchAll(/(?:src|href)="\.\/([^"]+)"/g))
    expect((await readFile(join(target, asset!))).length).toBeGreaterThan(0)
})

it('leaves nothing behind where there is no such run', async () => {
  const work = exportRun({ store, runId: 'nothing', folder: join(folder, 'out'), context: createContext() })
  await expect(work).rejects.toThrow(FivefoldError)
  await expect(readFile(join(folder, 'out/index.html'))).rejects.toThrow('ENOENT')
})
