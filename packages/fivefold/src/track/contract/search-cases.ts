import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { RunQuery } from '../runs/run.ts'
import type { TrackingStore } from '../tracking-store.ts'
import { type ContractCase, rejectsWith } from './contract-case.ts'

interface Sample {
  readonly name: string
  readonly params?: Record<string, string>
  readonly tags?: Record<string, string>
  readonly metrics?: Record<string, number>
}

const SAMPLES: readonly Sample[] = [
  { name: 'a', params: { model: 'tree', depth: '3' }, metrics: { loss: 0.5, 'val/auc': 0.7 }, tags: { owner: 'ada' } },
  { name: 'b', params: { model: 'Forest' }, metrics: { loss: 0.25 }, tags: { owner: "o'neil" } },
  { name: 'c', params: { model: 'linear' }, metrics: { loss: Number.NaN } },
  { name: 'd', params: { model: '100%_sure' }, metrics: { loss: Number.POSITIVE_INFINITY } },
  { name: 'e' },
]

async function fill(store: TrackingStore): Promise<string> {
  const experimentId = await store.createExperiment({ name: 'searched' })
  for (const [index, { name, params = {}, tags = {}, metrics = {} }] of SAMPLES.entries()) {
    const id = await store.createRun({ experimentId, name, user: 'ada', startedMs: 1000 + index })
    const points = Object.entries(metrics).map(([key, value]) => ({ key, value, step: 0, timestampMs: 0 }))
    await store.logBatch(id, { params, tags, metrics: points })
    if (name === 'b') await store.finishRun(id, 'finished', 5000)
    if (name === 'a') {
      const dataset = { name: 'iris', digest: 'd1', sourceType: 'local', source: '{}' }
      await store.logInputs(id, [{ dataset, tags: { 'mlflow.data.context': 'train' } }])
    }
  }
  return experimentId
}

/** A filter, and the names of the runs that match it, newest first. */
const FILTERS: readonly [filter: string, names: string][] = [
  ['', 'edcba'],
  ['metrics.loss < 0.5', 'b'],
  ['metrics.loss <= 0.5', 'ba'],
  ['metrics.loss > 0', 'dba'],
  ['metrics.loss != 0.5', 'dcb'],
  ['metrics.`val/auc` >= 0.7', 'a'],
  ['metrics."val/auc" = 0.7', 'a'],
  ['metric.loss between 0.2 and 0.3', 'b'],
  ['metrics.loss not between 0.2 and 0.3', 'da'],
  ['metrics.loss is null', 'e'],
  ['metrics.loss is not null', 'dcba'],
  ["params.model = 'tree'", 'a'],
  ["params.model != 'tree'", 'dcb'],
  ["param.model LIKE '%ree%'", 'a'],
  ["params.model LIKE 'f%'", ''],
  ["params.model ILIKE 'f%'", 'b'],
  ["params.model NOT ILIKE 'f%'", 'dca'],
  ["params.model LIKE '100\\%'", ''],
  ["params.model IN ('tree', 'linear')", 'ca'],
  ["params.model NOT IN ('tree', 'linear')", 'db'],
  ["tags.owner = 'o''neil'", 'b'],
  ['tags.owner = "o\'neil"', 'b'],
  ['tag.owner is null', 'edc'],
  ["params.model = 'tree' OR metrics.loss < 0.3", 'ba'],
  ["params.model = 'tree' or params.model = 'linear' and metrics.loss > 0", 'a'],
  ["(params.model = 'tree' or params.model = 'Forest') and metrics.loss > 0.3", 'a'],
  ["not (params.model = 'tree')", 'edcb'],
  ["attributes.status = 'FINISHED'", 'b'],
  ["status != 'FINISHED'", 'edca'],
  ['attribute.start_time >= 1003', 'ed'],
  ['start_time between 1001 and 1002', 'cb'],
  ['end_time > 1', 'b'],
  ["run_name LIKE 'a'", 'a'],
  ["run.run_name = 'a' AND `user_id` = 'ada'", 'a'],
  ["datasets.name = 'iris' and dataset.context IN ('train', 'test')", 'a'],
  ["datasets.digest != 'd1'", ''],
  ["params.`model` = 'x'' or 1=1 --'", ''],
]

const REFUSED = [
  'metrics.loss',
  'metrics.loss <',
  "metrics.loss < 'x'",
  'params.model = 3',
  'loss > 1',
  "nothing.loss = 'x'",
  "attributes.nothing = 'x'",
  "metrics.loss LIKE 'x'",
  "params.depth > '10'",
  "params.model = 'a' params.model = 'b'",
  "(params.model = 'a'",
  "params.model = 'a",
  "params.model = 'a'; drop table runs",
  'params.model IN ()',
  "dataset.nothing = 'x'",
  `${'('.repeat(200)}metrics.a > 1${')'.repeat(200)}`,
]

const ORDERS: readonly [orderBy: string[], names: string][] = [
  [[], 'edcba'],
  [['start_time ASC'], 'abcde'],
  [['metrics.loss'], 'badce'],
  [['metrics.loss DESC'], 'dabce'],
  [['params.depth'], 'aedcb'],
  [['attributes.end_time DESC', 'run_name asc'], 'bacde'],
  [['metrics.`val/auc` desc', 'created'], 'abcde'],
]

/** The names of the runs on all pages. */
async function readPages(store: TrackingStore, query: RunQuery): Promise<string> {
  let names = ''
  let pageToken: string | undefined
  do {
    const page = await store.searchRuns({ ...query, ...(pageToken !== undefined && { pageToken }) })
    names += page.items.map(({ name }) => name).join('')
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
  return names
}

export const SEARCH_CASES: readonly ContractCase[] = [
  {
    name: 'finds runs by filters',
    async run(store) {
      const experimentId = await fill(store)
      for (const [filter, names] of FILTERS) {
        const { items } = await store.searchRuns({ experimentIds: [experimentId], filter })
        assert.equal(items.map(({ name }) => name).join(''), names, filter)
      }
      for (const filter of REFUSED)
        await rejectsWith(store.searchRuns({ experimentIds: [experimentId], filter }), 'OPTION_INVALID')
    },
  },
  {
    name: 'joins conditions as sets of runs',
    async run(store) {
      const experimentId = await fill(store)
      const find = async (filter: string): Promise<string> => {
        const { items } = await store.searchRuns({ experimentIds: [experimentId], filter })
        return items.map(({ name }) => name).join('')
      }
      const filters = FILTERS.filter(([filter]) => filter !== '')
      for (const [index, [first, inFirst]] of filters.entries())
        for (const distance of [1, 5, 12]) {
          const [second, inSecond] = filters[(index + distance) % filters.length]!
          const both = [...'edcba'].filter((name) => inFirst.includes(name) && inSecond.includes(name))
          const either = [...'edcba'].filter((name) => inFirst.includes(name) || inSecond.includes(name))
          assert.equal(await find(`(${first}) and (${second})`), both.join(''), `${first} and ${second}`)
          assert.equal(await find(`(${first}) or (${second})`), either.join(''), `${first} or ${second}`)
        }
    },
  },
  {
    name: 'finds and sorts by texts of every length that may be logged',
    async run(store) {
      const experimentId = await store.createExperiment({ name: 'long' })
      // Hashes, since a repeated text would be compressed; they differ after a long common beginning, and at once.
      const noise = Array.from({ length: 90 }, (_, i) => createHash('sha512').update(`${i}`).digest('base64url')).join(
        '',
      )
      const texts = [`a${noise.slice(0, 5000)}1`, `a${noise.slice(0, 5000)}2`, 'B', 'a', 'ä', '']
      for (const value of texts) {
        const id = await store.createRun({ experimentId })
        await store.logBatch(id, { params: { p: value }, tags: { t: value } })
        for (const filter of [`params.p = '${value}'`, `tags.t in ('${value}', 'none')`]) {
          const { items } = await store.searchRuns({ experimentIds: [experimentId], filter })
          assert.deepEqual(
            items.map((run) => run.id),
            [id],
          )
        }
      }
      for (const [clause, expected] of [
        ['params.p', ['', 'B', 'a', texts[0], texts[1], 'ä']],
        ['tags.t DESC', ['ä', texts[1], texts[0], 'a', 'B', '']],
      ] as const) {
        const { items } = await store.searchRuns({ experimentIds: [experimentId], orderBy: [clause] })
        assert.deepEqual(
          items.map(({ params }) => params.p),
          expected,
        )
      }
    },
  },
  {
    name: 'sorts runs, those without a value last, and gives them in pages',
    async run(store) {
      const experimentId = await fill(store)
      for (const [orderBy, names] of ORDERS) {
        const { items } = await store.searchRuns({ experimentIds: [experimentId], orderBy })
        assert.equal(items.map(({ name }) => name).join(''), names, orderBy.join())
        for (const limit of [1, 2, 3, 5])
          assert.equal(await readPages(store, { experimentIds: [experimentId], orderBy, limit }), names, orderBy.join())
      }
      const orderBy = ['metrics.loss DESC']
      const filter = "params.model != 'linear'"
      assert.equal(await readPages(store, { experimentIds: [experimentId], filter, orderBy, limit: 1 }), 'dab')
      for (const orderBy of [['metrics.loss sideways'], ['nothing.x'], ['start_time', 'start_time'], ['']])
        await rejectsWith(store.searchRuns({ experimentIds: [experimentId], orderBy }), 'OPTION_INVALID')
      await rejectsWith(store.searchRuns({ experimentIds: [experimentId], pageToken: 'x' }), 'OPTION_INVALID')
      await rejectsWith(store.searchRuns({ experimentIds: [experimentId], limit: 50_001 }), 'OPTION_INVALID')
      assert.deepEqual(await store.searchRuns({ experimentIds: [] }), { items: [] })
    },
  },
  {
    name: 'keeps each point once, to the last bit',
    async run(store) {
      const id = await store.createRun({ experiment: 'e' })
      const values = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -0.1, Number.NaN, 1e23, 2 ** 53 + 2]
      const metrics = values.map((value, step) => ({ key: `m${step}`, value, step, timestampMs: 1e12 + step }))
      await Promise.all([store.logBatch(id, { metrics }), store.logBatch(id, { metrics })])
      await store.logBatch(id, { metrics: [...metrics, ...metrics] })
      const run = await store.getRun(id)
      for (const point of metrics) {
        assert.deepEqual(run.metrics[point.key], point)
        assert.deepEqual(await store.metricHistory(id, point.key), [point])
      }
      const [found] = (await store.searchRuns({ experimentIds: [run.experimentId] })).items
      assert.deepEqual(found, run)
    },
  },
  {
    name: 'reads the history of a metric in pages, in buckets and as a sample',
    async run(store) {
      const id = await store.createRun({ experiment: 'e' })
      const metrics = Array.from({ length: 1000 }, (_, step) => ({
        key: 'm',
        value: step % 10,
        step,
        timestampMs: step,
      }))
      await store.logBatch(id, { metrics })
      const first = await store.metricHistoryPage(id, 'm', { limit: 600 })
      assert.deepEqual(first.items, metrics.slice(0, 600))
      const rest = await store.metricHistoryPage(id, 'm', { limit: 600, pageToken: first.nextPageToken ?? '' })
      assert.deepEqual([rest.items, rest.nextPageToken], [metrics.slice(600), undefined])
      const buckets = await store.metricBuckets(id, 'm', { buckets: 100 })
      assert.equal(buckets.length, 100)
      assert.deepEqual(buckets[3], { fromStep: 30, toStep: 39, count: 10, min: 0, max: 9, mean: 4.5 })
      const some = await store.metricBuckets(id, 'm', { buckets: 2, fromStep: 100, toStep: 102 })
      assert.deepEqual(
        some.map(({ fromStep, toStep, count }) => [fromStep, toStep, count]),
        [
          [100, 101, 2],
          [102, 102, 1],
        ],
      )
      const sample = (await store.sampleMetric(id, 'm', { limit: 10 })).map(({ step }) => step)
      assert.deepEqual(sample, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 999])
      assert.deepEqual(await store.metricBuckets(id, 'none', { buckets: 3 }), [])
      await rejectsWith(store.metricBuckets('none', 'm', { buckets: 3 }), 'RUN_NOT_FOUND')
      await rejectsWith(store.metricBuckets(id, 'm', { buckets: 0 }), 'OPTION_INVALID')
    },
  },
]
