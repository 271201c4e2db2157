import { z } from 'zod'
import {
  addPair,
  addValue,
  compareMeansSequentially,
  compareWithCuped,
  type Moments,
  NO_MOMENTS,
  NO_PAIR_MOMENTS,
  type PairMoments,
  sampleRatioPValue,
} from '../../../metrics/index.ts'
import { createUnitLedger, type LedgerState, type UnitLedger } from '../canary/unit-ledger.ts'
import { type ExperimentPolicy, type Goal, parsedAs } from '../policy/traffic-policy.ts'

/** A unit was given a variant. */
export interface Assignment {
  readonly variant: string
  readonly key?: string
}

export interface ExperimentOutcome extends Assignment {
  readonly name: string
  readonly value: number
  /** What was known of the unit before the experiment, such as the same metric last month. */
  readonly covariate?: number
}

export type Verdict = 'better' | 'worse' | 'undecided'

export interface ExperimentComparison {
  readonly metric: string
  readonly goal: Goal
  readonly variant: string
  readonly control: Arm
  readonly treatment: Arm
  /** Variant less control; adjusted where units have covariates. */
  readonly difference: number
  readonly low: number
  readonly high: number
  readonly pValue: number
  /** Share of the variance that the covariate took away; absent where units have none. */
  readonly varianceReduction?: number
  /** Once decided it stays: the interval holds at all times at once. */
  readonly verdict: Verdict
}

export interface Arm {
  readonly count: number
  readonly mean: number
}

export interface SampleRatio {
  readonly counts: Readonly<Record<string, number>>
  readonly shares: Readonly<Record<string, number>>
  /** Always-valid. */
  readonly pValue: number
  /** Units are not divided as the weights say: something is broken, and no verdict is given. */
  readonly isMismatch: boolean
}

export interface ExperimentReport {
  readonly control: string
  readonly sampleRatio: SampleRatio
  /** Level of each comparison: the experiment's, divided by their number. */
  readonly alpha: number
  readonly comparisons: readonly ExperimentComparison[]
}

/** Compares variants at any time, as assignments and outcomes come in. Its state is plain data. */
export interface Experiment {
  recordAssignment(assignment: Assignment): void
  /** Of one key only the first value of a metric counts. Other metrics than the policy's, and what is no number, is left out. */
  recordOutcome(outcome: ExperimentOutcome): void
  report(): ExperimentReport
  toState(): unknown
}

/** Units of a metric that can be told apart. */
const MOST_UNITS = 200_000
/** A sample ratio mismatch is an alarm about the machinery: it should be all but sure (Fabijan et al., 2019). */
const MISMATCH_ALPHA = 0.001

const count = z.number().int().nonnegative()
const momentsSchema = z.strictObject({ count, mean: z.number(), squares: z.number() })
const pairSchema = z.strictObject({
  ...{ count, meanX: z.number(), meanY: z.number() },
  ...{ squaresX: z.number(), squaresY: z.number(), products: z.number() },
})
const ledgerSchema = z.strictObject({ capacity: count, units: count, bits: z.string() })
const stateSchema = z.strictObject({
  assigned: z.record(z.string(), count),
  arms: z.record(z.string(), z.strictObject({ values: momentsSchema, pairs: pairSchema })),
  verdicts: z.record(z.string(), z.enum(['better', 'worse'])),
  ledgers: z.record(z.string(), ledgerSchema),
})

interface ArmStreams {
  values: Moments
  /** Of those values that came with a covariate. */
  pairs: PairMoments
}

/**
 * An A/B/n test: each variant against the control, by always-valid intervals (mSPRT), with CUPED where outcomes bring covariates.
 * The chance of any false verdict, over all metrics, variants and looks, is at most `alpha` in the limit of many units.
 *
 * @throws CONFIG_INVALID where `from` is not the state of an experiment
 */
export function createExperiment(policy: ExperimentPolicy, from?: unknown): Experiment {
  const state = from === undefined ? undefined : parsedAs(stateSchema, from, 'the state of the experiment')
  const assigned = new Map(Object.entries(state?.assigned ?? {}))
  const arms = new Map<string, ArmStreams>(Object.entries(state?.arms ?? {}))
  const verdicts = new Map<string, Exclude<Verdict, 'undecided'>>(Object.entries(state?.verdicts ?? {}))
  const ledgers = createLedgers(state?.ledgers)
  const armOf = (metric: string, variant: string): ArmStreams => {
    const id = `${metric}/${variant}`
    const known = arms.get(id) ?? { values: NO_MOMENTS, pairs: NO_PAIR_MOMENTS }
    arms.set(id, known)
    return known
  }
  return {
    recordAssignment: ({ variant, key }) => {
      if (isIn(policy, variant) && ledgers.isNew('assignment', key))
        assigned.set(variant, (assigned.get(variant) ?? 0) + 1)
    },
    recordOutcome: ({ variant, key, name, value, covariate }) => {
      const isMeasured = isIn(policy, variant) && policy.metrics.some((metric) => metric.name === name)
      if (!isMeasured || !Number.isFinite(value) || !ledgers.isNew(`metric/${name}`, key)) return
      const arm = armOf(name, variant)
      arm.values = addValue(arm.values, value)
      if (covariate !== undefined && Number.isFinite(covariate)) arm.pairs = addPair(arm.pairs, covariate, value)
    },
    report: () => {
      const sampleRatio = ratioOf(policy, assigned)
      const compared = pairsOf(policy).map(({ metric, goal, variant, alpha }) => {
        const options = { alpha, plannedCount: policy.plannedUnits }
        const measured = compareArms(armOf(metric, policy.control), armOf(metric, variant), options)
        const id = `${metric}/${variant}`
        const verdict = sampleRatio.isMismatch ? 'undecided' : (verdicts.get(id) ?? verdictOf(measured, goal))
        if (verdict !== 'undecided') verdicts.set(id, verdict)
        return { metric, goal, variant, ...measured, verdict }
      })
      return { control: policy.control, sampleRatio, alpha: alphaOf(policy), comparisons: compared }
    },
    toState: () => ({
      assigned: Object.fromEntries(assigned),
      arms: Object.fromEntries([...arms].map(([id, arm]) => [id, { ...arm }])),
      verdicts: Object.fromEntries(verdicts),
      ledgers: ledgers.toState(),
    }),
  }
}

function createLedgers(stored: Readonly<Record<string, LedgerState>> = {}): {
  isNew(purpose: string, key: string | undefined): boolean
  toState(): Record<string, LedgerState>
} {
  const ledgers = new Map<string, UnitLedger>(
    Object.entries(stored).map(([purpose, state]) => [purpose, createUnitLedger(state)]),
  )
  return {
    isNew: (purpose, key) => {
      if (key === undefined) return true
      const ledger = ledgers.get(purpose) ?? createUnitLedger({ capacity: MOST_UNITS })
      ledgers.set(purpose, ledger)
      return ledger.add(key)
    },
    toState: () => Object.fromEntries([...ledgers].map(([purpose, ledger]) => [purpose, ledger.toState()])),
  }
}

const isIn = ({ weights }: ExperimentPolicy, variant: string): boolean =>
  Object.hasOwn(weights, variant) && weights[variant]! > 0

const treatmentsOf = (policy: ExperimentPolicy): readonly string[] =>
  Object.keys(policy.weights).filter((variant) => variant !== policy.control && isIn(policy, variant))

const alphaOf = (policy: ExperimentPolicy): number =>
  policy.alpha / Math.max(1, policy.metrics.length * treatmentsOf(policy).length)

function pairsOf(policy: ExperimentPolicy): { metric: string; goal: Goal; variant: string; alpha: number }[] {
  const alpha = alphaOf(policy)
  return policy.metrics.flatMap(({ name, goal }) =>
    treatmentsOf(policy).map((variant) => ({ metric: name, goal, variant, alpha })),
  )
}

type Measured = Omit<ExperimentComparison, 'metric' | 'goal' | 'variant' | 'verdict'>

function compareArms(
  control: ArmStreams,
  treatment: ArmStreams,
  options: { readonly alpha: number; readonly plannedCount: number },
): Measured {
  const arms = { control: armReport(control), treatment: armReport(treatment) }
  // Adjusted only where every value has its covariate: the others would be left out, and who they are is not by chance.
  const hasCovariates = [control, treatment].every(
    ({ pairs, values }) => pairs.count === values.count && pairs.count > 0,
  )
  if (hasCovariates) {
    const { difference, low, high, pValue, varianceReduction } = compareWithCuped(
      control.pairs,
      treatment.pairs,
      options,
    )
    return { ...arms, difference, low, high, pValue, varianceReduction }
  }
  const { difference, low, high, pValue } = compareMeansSequentially(control.values, treatment.values, options)
  return { ...arms, difference, low, high, pValue }
}

const armReport = ({ values }: ArmStreams): Arm => ({
  count: values.count,
  mean: values.count === 0 ? Number.NaN : values.mean,
})

function verdictOf({ low, high }: Measured, goal: Goal): Verdict {
  if (low <= 0 && high >= 0) return 'undecided'
  return low > 0 === (goal === 'increase') ? 'better' : 'worse'
}

function ratioOf(policy: ExperimentPolicy, assigned: ReadonlyMap<string, number>): SampleRatio {
  const variants = Object.keys(policy.weights).filter((variant) => isIn(policy, variant))
  const counts = variants.map((variant) => assigned.get(variant) ?? 0)
  const weights = variants.map((variant) => policy.weights[variant]!)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const pValue = variants.length < 2 ? 1 : sampleRatioPValue(counts, weights)
  const named = (values: readonly number[]) => Object.fromEntries(variants.map((variant, i) => [variant, values[i]!]))
  return {
    counts: named(counts),
    shares: named(weights.map((w) => w / total)),
    pValue,
    isMismatch: pValue < MISMATCH_ALPHA,
  }
}
