/**
 * Answers of a server of models, as far as the console reads them; `docs/serving.md` and `docs/rollout.md` describe the routes.
 * What is not known is null. Times are milliseconds since 1970 UTC, durations milliseconds where nothing else is said.
 */

type Known = number | null

/** `GET /server` */
export interface ServerDescription {
  readonly release: string
  /** Names. */
  readonly deployments: readonly string[]
  readonly changes: { readonly areAllowed: boolean; readonly reason: string }
}

export type WindowName = '1m' | '5m' | '1h'
export type Windows<T> = Readonly<Record<WindowName, T>>
export const STAGES = ['decode', 'queue', 'batch', 'compute', 'log', 'encode'] as const
export type Stage = (typeof STAGES)[number]
export type PercentileName = 'p50' | 'p95' | 'p99'

/** From a histogram: the true value lies from low to high; no high in the open last bucket. */
export interface Percentile {
  readonly value: number
  readonly low: number
  readonly high: Known
}

export interface Distribution extends Readonly<Record<PercentileName, Percentile>> {
  readonly count: number
  readonly mean: number
}

/** What was answered in a window. */
export interface Traffic {
  /** Really covered: less than the window where the server is younger. */
  readonly seconds: number
  readonly requests: number
  readonly ok: number
  /** The caller's fault. */
  readonly refused: number
  /** The caller went away. */
  readonly left: number
  /** Ours. */
  readonly failed: number
  readonly requestsPerSecond: number
  readonly rows: number
  readonly rowsPerSecond: number
  readonly latencyMs: Distribution | null
  readonly stagesMs: Readonly<Record<Stage, Distribution | null>>
  readonly runs: number
  readonly rowsPerRun: Distribution | null
  readonly cacheHitRate: Known
}

export type ModelState = 'loading' | 'ready' | 'unloading' | 'failed' | 'gone'

export interface ModelOperations {
  readonly name: string
  readonly version: string
  readonly state: ModelState
  readonly waitingRows: number
  readonly windows: Windows<Traffic>
}

export interface BurnRate {
  readonly window: string
  readonly seconds: number
  readonly events: number
  readonly rate: Known
}

export interface BurnAlert {
  readonly severity: 'page' | 'ticket'
  readonly budgetShare: number
  readonly longWindow: string
  readonly shortWindow: string
  /** From which on it fires, in both windows. */
  readonly burnRate: number
  readonly isFiring: boolean
}

export interface Objective {
  readonly name: 'availability' | 'latency'
  readonly target: number
  readonly thresholdMs: Known
  /** How much of the window was counted. */
  readonly coveredSeconds: number
  readonly events: number
  readonly badEvents: number
  readonly goodShare: Known
  /** 1 untouched, 0 spent, below overspent. */
  readonly budgetLeft: Known
  readonly burnRates: readonly BurnRate[]
  readonly alerts: readonly BurnAlert[]
}

export interface SloReport {
  readonly windowSeconds: number
  /** Whether it survives a restart. */
  readonly isKept: boolean
  readonly objectives: readonly Objective[]
}

export interface CostWindow {
  readonly seconds: number
  readonly predictions: number
  readonly per1000: Known
  readonly utilisation: Known
  readonly capacityPerSecond: Known
  readonly per1000AtCapacity: Known
}

export interface CostReport {
  readonly currency: string
  readonly pricePerHour: number
  readonly windows: Windows<CostWindow>
}

export type Percentiles = Readonly<Record<PercentileName, readonly Known[]>>

/** Columns of equal length, one value for each step. */
export interface OperationsSeries {
  readonly requestsPerSecond: readonly number[]
  readonly refusedPerSecond: readonly number[]
  readonly failedPerSecond: readonly number[]
  readonly rowsPerSecond: readonly number[]
  readonly waitingRows: readonly number[]
  readonly rowsPerRun: readonly Known[]
  readonly cacheHitRate: readonly Known[]
  readonly latencyMs: Percentiles
  readonly stagesMs: Readonly<Record<Stage, Percentiles>>
}

export interface OperationsHistory {
  readonly stepSeconds: number
  /** Ends of the steps. */
  readonly timesMs: readonly number[]
  readonly residentBytes: readonly number[]
  readonly requestsInFlight: readonly number[]
  readonly server: OperationsSeries
  readonly models: readonly { readonly name: string; readonly version: string; readonly series: OperationsSeries }[]
}

/** `GET /operations` */
export interface OperationsReport {
  readonly nowMs: number
  /** Windows begin anew where it changes. */
  readonly startedMs: number
  readonly isReady: boolean
  readonly processes: number
  readonly residentBytes: number
  readonly requestsInFlight: number
  readonly server: Windows<Traffic>
  readonly models: readonly ModelOperations[]
  readonly slo: SloReport | null
  readonly cost: CostReport | null
  readonly history: OperationsHistory | null
}

/** `POST /v2/repository/index`; empty where it is not loaded. */
export interface IndexedModel {
  readonly name: string
  readonly version: string
  readonly state: 'LOADING' | 'READY' | 'UNLOADING' | 'UNAVAILABLE'
  readonly reason: string
}

export type Goal = 'increase' | 'decrease'
export type Weights = Readonly<Record<string, number>>

export interface CanaryTraffic {
  readonly kind: 'canary'
  readonly stable: string
  readonly canary: string
  readonly stages: readonly { readonly share: number; readonly requests: number; readonly atLeastMs: number }[]
  readonly maxFalseRollbackRate: number
  readonly outcomes: readonly { readonly name: string; readonly required: number }[]
}

export interface ExperimentTraffic {
  readonly kind: 'experiment'
  readonly control: string
  readonly weights: Weights
}

export interface BanditTraffic {
  readonly kind: 'bandit'
  readonly arms: readonly string[]
  readonly reward: string
  readonly algorithm: { readonly name: 'epsilonGreedy' | 'thompsonBeta' | 'thompsonNormal' | 'linUcb' }
}

export type TrafficPlan =
  | { readonly kind: 'single'; readonly variant: string }
  | { readonly kind: 'split'; readonly weights: Weights }
  | CanaryTraffic
  | ExperimentTraffic
  | BanditTraffic

export interface TrafficPolicy {
  readonly traffic: TrafficPlan
  readonly stickyBy?: string
  readonly rules: readonly { readonly header: string; readonly equals: string; readonly variant: string }[]
  readonly shadows: readonly { readonly variant: string; readonly share: number }[]
}

/** What an operator writes of a deployment. */
export interface DeploymentSpec {
  readonly variants: Readonly<Record<string, { readonly model: string; readonly version?: string }>>
  readonly policy: TrafficPolicy
  readonly fallback: { readonly variant?: string; readonly cachedAnswers: number; readonly answer?: object }
}

export interface DeploymentRecord extends DeploymentSpec {
  readonly name: string
  readonly version: number
  /** The version in which the policy began. */
  readonly policyVersion: number
  readonly change: {
    readonly timeMs: number
    readonly by: string
    readonly action: 'create' | 'update' | 'advance' | 'promote' | 'rollBack'
    readonly reason: string
  }
}

export interface Interval {
  readonly value: Known
  readonly low: Known
  readonly high: Known
}

export interface VariantReport {
  readonly variant: string
  readonly answers: number
  readonly errors: number
  readonly latency: Readonly<Record<PercentileName, Interval>>
}

export interface Observed {
  readonly count: number
  readonly value: Known
}

export interface CriterionReport {
  readonly name: string
  readonly isWorse: boolean
  readonly pValue: number
  /** The level at which it rolls back. */
  readonly alpha: number
  readonly canary: Observed
  readonly control: Observed
  readonly summary: string
}

export interface CanaryReport {
  readonly status: 'running' | 'promoted' | 'rolledBack'
  readonly stage: number
  readonly share: number
  readonly stageAnswers: number
  readonly answers: { readonly canary: number; readonly control: number }
  readonly criteria: readonly CriterionReport[]
}

export interface ExperimentComparison {
  readonly metric: string
  readonly goal: Goal
  readonly variant: string
  readonly control: { readonly count: number; readonly mean: Known }
  readonly treatment: { readonly count: number; readonly mean: Known }
  readonly difference: Known
  readonly low: Known
  readonly high: Known
  readonly pValue: Known
  readonly varianceReduction?: number
  readonly verdict: 'better' | 'worse' | 'undecided'
}

export interface ExperimentReport {
  readonly control: string
  readonly sampleRatio: {
    readonly counts: Readonly<Record<string, number>>
    readonly shares: Readonly<Record<string, number>>
    readonly pValue: number
    readonly isMismatch: boolean
  }
  readonly alpha: number
  readonly comparisons: readonly ExperimentComparison[]
}

export interface ArmReport {
  readonly arm: string
  readonly count: number
  readonly meanReward: Known
}

export interface ShadowReport {
  readonly variant: string
  readonly answers: number
  readonly rows: number
  readonly agreement: Interval
  readonly largestDifference: Known
  readonly errors: number
  readonly skipped: number
  readonly latency: Interval
}

/** What was learned under one policy. */
export interface EvidenceReport {
  readonly record: DeploymentRecord
  readonly variants: readonly VariantReport[]
  readonly canary?: CanaryReport
  readonly experiment?: ExperimentReport
  readonly bandit?: readonly ArmReport[]
}

/** `GET /deployments/{name}` */
export interface DeploymentReport extends EvidenceReport {
  /** The last policy that had something to find out. */
  readonly concluded?: EvidenceReport
  readonly shadows: readonly ShadowReport[]
}
