import { expect, test } from 'vitest'
import { createStaticClient, type StaticRun } from './static-client.ts'

const signal = new AbortController().signal
const info = (run_id: string) => ({ run_id, experiment_id: '1', status: 'FINISHED', start_time: '1000' })
const metric = { key: 'loss', value: 'NaN', step: '2', timestamp: '5' }
const data: StaticRun = {
  format: 1,
  experiment: { experiment_id: '1', name: 'churn' },
  run: { info: info('a'), data: { metrics: [metric] } },
  children: [{ info: info('b'), data: { metrics: [{ ...metric, value: 3 }] } }],
  metrics: { loss: [metric, { ...metric, value: 1, step: '0' }] },
  files: [{ path: 'reports/a.html', file_size: 5 }, { path: 'reports/deep/b.md' }, { path: 'run.json' }],
  texts: { 'reports/deep/b.md': '# b' },
  versions: [{ name: 'churn', version: '2', run_id: 'a' }],
}
const client = createStaticClient(data)

test('folders follow from the paths of files', async () => {
  const names = async (path: string) => (await client.listArtifacts('a', path, signal)).map((one) => one.path)
  expect(await names('')).toEqual(['reports', 'run.json'])
  expect(await names('reports')).toEqual(['reports/a.html', 'reports/deep'])
  expect(client.artifactUrl({ runId: 'a' }, 'reports/a b.html')).toBe('artifacts/reports/a%20b.html')
})

test('curves are those of the run, in the order of steps; children have their last values', async () => {
  const [own, child] = await client.metricSeries(['a', 'b'], 'loss', 100, signal)
  expect(own).toMatchObject({ steps: [0, 2], values: [1, Number.NaN] })
  expect(child).toMatchObject({ steps: [2], values: [3] })
})

test('nothing can be changed, and what is not there is said', async () => {
  expect(client.canWrite).toBe(false)
  await expect(client.deleteRuns(['a'])).rejects.toThrow('cannot be changed')
  await expect(client.run('elsewhere', signal)).rejects.toThrow('does not hold the run elsewhere')
  await expect(client.readText({ runId: 'a' }, 'run.json', 10, signal)).rejects.toThrow('open it instead')
})
