import { z } from 'zod'
import { addValue, compareMeansSequentially, type Moments, NO_MOMENTS } from '../../../metrics/index.ts'
import { type Goal, parsedAs } from '../policy/traffic-policy.ts'
import type { CanaryGroup } from './canary-event.ts'
import { type Criterion, type CriterionReport, MOST_UNITS } from './criterion.ts'
import { createUnitLedger } from './unit-ledger.ts'

export interface MeanCriterionOptions {
  /** Of the outcome. */
  readonly outcome: string
  readonly alpha: number
  readonly goal: Goal
  readonly tolerance: number
  /** Outcomes at which the interval shall be the narrowest. */
  readonly plannedCount: number
}

const count = z.number().int().nonnegative()
const moments = z.strictObject({ count, mean: z.number(), squares: z.number() })
const stateSchema = z.strictObject({
  ...{ canary: moments, control: moments },
  ledger: z.strictObject({ capacity: count, units: count, bits: z.string() }),
})

/** The mean of an outcome that may be worse by at most `tolerance`; of one key only the first value counts. */
export function createMeanCriterion(options: MeanCriterionOptions, from?: unknown): Criterion {
  const name = `outcome.${options.outcome}`
  const state = from === undefined ? undefined : parsedAs(stateSchema, from, `the state of the criterion ${name}`)
  const groups: Record<CanaryGroup, Moments> = {
    canary: state?.canary ?? NO_MOMENTS,
    control: state?.control ?? NO_MOMENTS,
  }
  const ledger = createUnitLedger(state?.ledger ?? { capacity: MOST_UNITS })
  return {
    name,
    observe: (event) => {
      if (event.kind !== 'outcome' || event.name !== options.outcome || !Number.isFinite(event.value)) return false
      if (event.key !== undefined && !ledger.add(event.key)) return false
      groups[event.group] = addValue(groups[event.group], event.value)
      return true
    },
    isWorse: () => meanReport(name, options, groups).isWorse,
    report: () => meanReport(name, options, groups),
    toState: () => ({ ...groups, ledger: ledger.toState() }),
  }
}

function meanReport(
  name: string,
  { alpha, goal, tolerance, plannedCount }: MeanCriterionOptions,
  { canary, control }: Readonly<Record<CanaryGroup, Moments>>,
): CriterionReport {
  // Shifted by what is tolerated, so that the test is about a difference of 0.
  const allowance = goal === 'increase' ? tolerance : -tolerance
  const shifted = { ...canary, mean: canary.mean + allowance }
  // A two-sided interval, of which one side counts: the level is kept with room to spare.
  const { low, high, pValue } = compareMeansSequentially(control, shifted, { alpha, plannedCount })
  const isWorse = goal === 'increase' ? high < 0 : low > 0
  const isWrongSide = goal === 'increase' ? shifted.mean < control.mean : shifted.mean > control.mean
  return {
    ...{ name, alpha, isWorse, pValue: isWrongSide ? pValue : 1 },
    canary: { count: canary.count, value: canary.count === 0 ? Number.NaN : canary.mean },
    control: { count: control.count, value: control.count === 0 ? Number.NaN : control.mean },
    summary: `${canary.mean.toPrecision(4)} against ${control.mean.toPrecision(4)}, the difference between ${(low - allowance).toPrecision(3)} and ${(high - allowance).toPrecision(3)}`,
  }
}
