import { OUTCOMES, STAGES } from '../metrics/server-metrics.ts'
import { ERROR_SCHEMA } from '../protocols/predict/model-schema.ts'
import { answerOf, objectOf, refusalsOf, TEXT } from '../wire/describe-route.ts'
import type { JsonSchema } from '../wire/json-schema.ts'
import { HISTORY_SPANS } from './operations-report.ts'
import { WINDOWS } from './windows.ts'

const NUMBER: JsonSchema = { type: 'number' }
const COUNT: JsonSchema = { type: 'integer', minimum: 0 }
const KNOWN_OR_NULL: JsonSchema = { type: ['number', 'null'] }
const FLAG: JsonSchema = { type: 'boolean' }

const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] })
const each = (names: readonly string[], schema: JsonSchema): JsonSchema =>
  objectOf(Object.fromEntries(names.map((name) => [name, schema])))
const windows = (schema: JsonSchema): JsonSchema => each(Object.keys(WINDOWS), schema)

const PERCENTILES = ['p50', 'p95', 'p99'] as const
const PERCENTILE = objectOf({ value: NUMBER, low: NUMBER, high: KNOWN_OR_NULL })
const DISTRIBUTION = orNull(
  objectOf({ count: COUNT, mean: NUMBER, ...Object.fromEntries(PERCENTILES.map((name) => [name, PERCENTILE])) }),
)

const TRAFFIC = objectOf({
  ...{ seconds: NUMBER, requests: COUNT, ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, COUNT])) },
  ...{ requestsPerSecond: NUMBER, rows: COUNT, rowsPerSecond: NUMBER },
  ...{ latencyMs: DISTRIBUTION, stagesMs: each(STAGES, DISTRIBUTION) },
  ...{ runs: COUNT, rowsPerRun: DISTRIBUTION, cacheHitRate: KNOWN_OR_NULL },
})

const MODEL = objectOf({
  ...{ name: TEXT, version: TEXT, waitingRows: COUNT, windows: windows(TRAFFIC) },
  state: { enum: ['loading', 'ready', 'unloading', 'failed', 'gone'] },
})

const BURN_RATE = objectOf({ window: TEXT, seconds: NUMBER, events: COUNT, rate: KNOWN_OR_NULL })
const ALERT = objectOf({
  ...{ severity: { enum: ['page', 'ticket'] }, budgetShare: NUMBER, longWindow: TEXT, shortWindow: TEXT },
  ...{ burnRate: NUMBER, isFiring: FLAG },
})
const OBJECTIVE = objectOf({
  ...{ name: { enum: ['availability', 'latency'] }, target: NUMBER, thresholdMs: KNOWN_OR_NULL },
  ...{ coveredSeconds: NUMBER, events: COUNT, badEvents: COUNT, goodShare: KNOWN_OR_NULL, budgetLeft: KNOWN_OR_NULL },
  ...{ burnRates: list(BURN_RATE), alerts: list(ALERT) },
})
const SLO = objectOf({ windowSeconds: NUMBER, isKept: FLAG, objectives: list(OBJECTIVE) })

const COST = objectOf({
  ...{ currency: TEXT, pricePerHour: NUMBER },
  windows: windows(
    objectOf({
      ...{ seconds: NUMBER, predictions: COUNT, per1000: KNOWN_OR_NULL, utilisation: KNOWN_OR_NULL },
      ...{ capacityPerSecond: KNOWN_OR_NULL, per1000AtCapacity: KNOWN_OR_NULL },
    }),
  ),
})

const CURVES = each(PERCENTILES, list(KNOWN_OR_NULL))
const SERIES = objectOf({
  ...{ requestsPerSecond: list(NUMBER), refusedPerSecond: list(NUMBER), failedPerSecond: list(NUMBER) },
  ...{ rowsPerSecond: list(NUMBER), waitingRows: list(NUMBER) },
  ...{ rowsPerRun: list(KNOWN_OR_NULL), cacheHitRate: list(KNOWN_OR_NULL) },
  ...{ latencyMs: CURVES, stagesMs: each(STAGES, CURVES) },
})
const HISTORY = objectOf({
  ...{ stepSeconds: NUMBER, timesMs: list(NUMBER), residentBytes: list(NUMBER), requestsInFlight: list(NUMBER) },
  ...{ server: SERIES, models: list(objectOf({ name: TEXT, version: TEXT, series: SERIES })) },
})

const REPORT = objectOf({
  ...{ nowMs: NUMBER, startedMs: NUMBER, isReady: FLAG, processes: COUNT, residentBytes: COUNT },
  ...{ requestsInFlight: COUNT, server: windows(TRAFFIC), models: list(MODEL) },
  ...{ slo: orNull(SLO), cost: orNull(COST), history: orNull(HISTORY) },
})

const tags = ['system']

/** `GET /operations` in the description of the API. */
export const OPERATIONS_SCHEMA = {
  tags,
  summary: 'Traffic, latencies, queues, objectives and cost of the last minute, five minutes and hour',
  querystring: {
    type: 'object',
    properties: {
      history: { type: 'string', enum: HISTORY_SPANS, default: '10m', description: 'Points for charts.' },
    },
  },
  response: {
    200: answerOf('Of all processes together; null is what is not known.', REPORT),
    ...refusalsOf(ERROR_SCHEMA, [400, 415, 500]),
  },
}

/** `GET /slo` in the description of the API. */
export const SLO_SCHEMA = {
  tags,
  summary: 'Service level objectives, error budgets and burn rates',
  response: {
    200: answerOf('Of all processes together; null is what is not known.', SLO),
    ...refusalsOf(ERROR_SCHEMA, [404, 415, 500]),
  },
}
