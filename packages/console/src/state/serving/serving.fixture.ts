import type {
  CanaryReport,
  DeploymentRecord,
  DeploymentReport,
  Distribution,
  ModelOperations,
  OperationsReport,
  OperationsSeries,
  Traffic,
  TrafficPlan,
} from '../../client/serving-wire.ts'

export const CANARY: TrafficPlan = {
  kind: 'canary',
  stable: 'stable',
  canary: 'next',
  stages: [
    { share: 0.05, requests: 100, atLeastMs: 0 },
    { share: 0.25, requests: 400, atLeastMs: 3_600_000 },
  ],
  maxFalseRollbackRate: 0.05,
  outcomes: [{ name: 'wrong', required: 200 }],
}

/** Version 1 of a deployment of two variants, changed by `parts`. */
export const recordWith = (traffic: TrafficPlan, parts: Partial<DeploymentRecord> = {}): DeploymentRecord => ({
  name: 'churn',
  version: 1,
  policyVersion: 1,
  variants: { stable: { model: 'churn-1' }, next: { model: 'churn-2', version: '7' } },
  policy: { traffic, rules: [], shadows: [] },
  fallback: { cachedAnswers: 0 },
  change: { timeMs: 0, by: 'server', action: 'create', reason: '' },
  ...parts,
})

export const canaryWith = (parts: Partial<CanaryReport> = {}): CanaryReport => ({
  ...{ status: 'running', stage: 0, share: 0.05, stageAnswers: 0 },
  ...{ answers: { canary: 0, control: 0 }, criteria: [] },
  ...parts,
})

const unknown = { value: null, low: null, high: null }

export const reportWith = (record: DeploymentRecord, parts: Partial<DeploymentReport> = {}): DeploymentReport => ({
  record,
  variants: Object.keys(record.variants).map((variant) => ({
    ...{ variant, answers: 0, errors: 0 },
    latency: { p50: unknown, p95: unknown, p99: unknown },
  })),
  shadows: [],
  ...parts,
})

export const distributionOf = (ms: number): Distribution => {
  const percentile = { value: ms, low: ms, high: ms }
  return { count: 10, mean: ms, p50: percentile, p95: percentile, p99: percentile }
}

const stages = { decode: null, queue: null, batch: null, compute: null, log: null, encode: null }

export const trafficWith = (parts: Partial<Traffic> = {}): Traffic => ({
  ...{ seconds: 60, requests: 0, ok: 0, refused: 0, left: 0, failed: 0, requestsPerSecond: 0 },
  ...{ rows: 0, rowsPerSecond: 0, latencyMs: null, stagesMs: stages, runs: 0, rowsPerRun: null, cacheHitRate: null },
  ...parts,
})

/** Answered the same in every window. */
export const modelWith = (name: string, version: string, parts: Partial<Traffic> = {}): ModelOperations => {
  const traffic = trafficWith(parts)
  return { name, version, state: 'ready', waitingRows: 0, windows: { '1m': traffic, '5m': traffic, '1h': traffic } }
}

export const operationsWith = (parts: Partial<OperationsReport> = {}): OperationsReport => {
  const traffic = trafficWith()
  return {
    ...{ nowMs: 1000, startedMs: 0, isReady: true, processes: 1, residentBytes: 1, requestsInFlight: 0 },
    server: { '1m': traffic, '5m': traffic, '1h': traffic },
    ...{ models: [], slo: null, cost: null, history: null },
    ...parts,
  }
}

export const seriesWith = (requestsPerSecond: readonly number[], ms: readonly (number | null)[]): OperationsSeries => {
  const percentiles = { p50: ms, p95: ms, p99: ms }
  const zeros = requestsPerSecond.map(() => 0)
  return {
    ...{ requestsPerSecond, refusedPerSecond: zeros, failedPerSecond: zeros, rowsPerSecond: requestsPerSecond },
    ...{ waitingRows: zeros, rowsPerRun: ms, cacheHitRate: ms.map(() => null), latencyMs: percentiles },
    stagesMs: {
      ...{ decode: percentiles, queue: percentiles, batch: percentiles },
      ...{ compute: percentiles, log: percentiles, encode: percentiles },
    },
  }
}
