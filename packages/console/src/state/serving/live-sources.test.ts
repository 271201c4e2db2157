import { expect, test } from 'vitest'
import { hasValues, percentileCurves, variantSources } from './live-sources.ts'
import { operationsOfVariant, trafficOfDeployment } from './merge-traffic.ts'
import { CANARY, distributionOf, modelWith, operationsWith, recordWith, seriesWith } from './serving.fixture.ts'

test('what a deployment answered is the sum over its models, with the latency of the busiest', () => {
  const models = [
    modelWith('churn-1', '1', { requests: 10, failed: 1, requestsPerSecond: 1, latencyMs: distributionOf(5) }),
    modelWith('churn-1', '2', { requests: 90, failed: 2, requestsPerSecond: 9, latencyMs: distributionOf(7) }),
    modelWith('churn-2', '7', { requests: 20, requestsPerSecond: 2 }),
    modelWith('churn', '1', { requests: 1, failed: 1 }),
    modelWith('churn-2', '6', { requests: 500 }),
    modelWith('other', '1', { requests: 500 }),
  ]
  const record = recordWith(CANARY)
  expect(trafficOfDeployment(record, operationsWith({ models }), '5m')).toMatchObject({
    ...{ requests: 121, failed: 4, requestsPerSecond: 12, latencyMs: { mean: 7 } },
  })
  expect(trafficOfDeployment(record, operationsWith({ models: models.slice(4) }), '5m')).toBeUndefined()
})

test('a variant without a version means the one that answers now', () => {
  const models = [
    { ...modelWith('churn-1', '1', { requests: 500 }), state: 'gone' as const },
    modelWith('churn-1', '2', { requests: 5 }),
  ]
  const operations = operationsWith({ models })
  expect(operationsOfVariant(operations, { model: 'churn-1' })?.version).toBe('2')
  expect(operationsOfVariant(operations, { model: 'churn-1', version: '1' })?.state).toBe('gone')
  expect(operationsOfVariant(operations, { model: 'churn-3' })).toBeUndefined()
})

test('one source shows its percentiles, several one percentile each; silence stays a gap', () => {
  const series = [seriesWith([1, 2], [null, 4]), seriesWith([3, 4], [5, 6])]
  const history = {
    ...{ stepSeconds: 10, timesMs: [0, 10_000], residentBytes: [1, 1], requestsInFlight: [0, 0] },
    server: series[0]!,
    models: [
      { name: 'churn-1', version: '1', series: series[0]! },
      { name: 'churn-2', version: '7', series: series[1]! },
    ],
  }
  const models = [modelWith('churn-1', '1'), modelWith('churn-2', '7')]
  const sources = variantSources(recordWith(CANARY), operationsWith({ models, history }))
  expect(sources.map(({ label }) => label)).toEqual(['stable', 'next'])
  const latency = percentileCurves(sources, 'p99', (one) => one.latencyMs)
  expect(latency).toEqual([
    { label: 'stable', values: [null, 4] },
    { label: 'next', values: [5, 6] },
  ])
  expect(percentileCurves(sources.slice(0, 1), 'p99', (one) => one.latencyMs).map(({ label }) => label)).toEqual([
    ...['p50', 'p95', 'p99'],
  ])
  expect(hasValues(latency)).toBe(true)
  expect(hasValues([{ label: 'a', values: [null, 0] }])).toBe(false)
})
