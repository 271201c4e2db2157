import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext, createRng } from '../core/index.ts'
import { type ProjectConfig, runProject } from './index.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-test-'))
  await writeFile(join(folder, 'rows.csv'), rows(40_000))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function rows(count: number): string {
  const rng = createRng(5)
  const lines = Array.from({ length: count }, (_, id) => {
    const [x, z] = [rng.next() * 10, rng.next()]
    const city = ['Ulm', 'Bern', 'Graz', 'Genoa', 'Lyon', 'Basel', 'Turin', 'Linz'][rng.int(8)]
    const isRare = rng.next() < 0.02
    const label = isRare ? 'rare' : x + 3 * z + 2 * rng.next() > 7.5 ? 'high' : 'low'
    return `row${id},${x.toFixed(3)},${isRare ? 9 : z.toFixed(3)},${city},${label}`
  })
  return `id,x,z,city,label\n${lines.join('\n')}\n`
}

/** Within a budget of a millisecond only the first candidate is tried, which keeps these tests quick. */
async function run(name: string, changes: Partial<ProjectConfig>, warnings: string[] = []) {
  const log = { debug: () => {}, info: () => {}, warn: (message: string) => void warnings.push(message) }
  const config = {
    data: 'rows.csv',
    target: 'label',
    budgetMs: 1,
    out: `${name}/out`,
    store: `${name}/store`,
    ...changes,
  }
  const outcome = await runProject(config, createContext({ seed: 7, log }), { projectFolder: folder })
  return { record: outcome.record!, model: await readFile(join(outcome.out, 'model', 'model.onnx')), out: outcome.out }
}

describe('a table beyond its memory budget', () => {
  it('is compared, fitted and tested on samples, which everything says; the same bytes each time', async () => {
    const warnings: string[] = []
    const { record, model, out } = await run('first', { memoryMb: 1 }, warnings)
    const { compared, fitted, tested } = record.sampled!
    expect([compared!.of, fitted!.of, tested!.of]).toEqual([32_000, 32_000, 8000])
    expect(compared!.rows).toBeLessThan(fitted!.rows)
    expect(record.test.rows).toBe(tested!.rows)
    expect(record.test.protocol).toMatch(/a sample of [\d,]+ of 8,000/)
    expect(record.warnings.filter((warning) => warning.includes('sample of'))).toHaveLength(3)
    expect(warnings.join()).toContain('memoryMb is 1')
    expect(await readFile(join(out, 'reports', 'evaluation.html'), 'utf8')).toContain('of the 32,000 training rows')
    const manifest = JSON.parse(await readFile(join(out, 'model', 'fivefold.json'), 'utf8'))
    expect(manifest.lineage.rows).toBe(fitted!.rows)
    // No class is lost on the way, and the model is a model.
    expect(record.baseline.metrics.logLoss!.value - record.test.metrics.logLoss!.value).toBeGreaterThan(0.2)
    const again = await run('second', { memoryMb: 1 })
    expect(again.model.equals(model)).toBe(true)
  }, 120_000)

  it('fits on all rows where those fit, and says nothing of samples where all rows do everywhere', async () => {
    const { record } = await run('third', { memoryMb: 4 })
    expect(record.sampled).toMatchObject({ compared: { of: 32_000 } })
    expect(record.sampled).not.toHaveProperty('fitted')
    const all = await run('fourth', {})
    expect(all.record).not.toHaveProperty('sampled')
    expect(all.record.test.rows).toBe(8000)
  }, 120_000)

  it('keeps time in order and groups apart', async () => {
    const byTime = await run('fifth', { memoryMb: 1, split: { kind: 'time', column: 'x', testFraction: 0.2 } })
    expect(byTime.record.sampled!.compared!.rows).toBeGreaterThan(1000)
    const byGroup = await run('sixth', { memoryMb: 1, split: { kind: 'group', column: 'city', testFraction: 0.3 } })
    expect(byGroup.record.test.protocol).toMatch(/groups of city.*a sample of/)
  }, 120_000)
})
