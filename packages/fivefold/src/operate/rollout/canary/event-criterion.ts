import { z } from 'zod'
import { excessEvidence } from '../../../metrics/index.ts'
import { parsedAs } from '../policy/traffic-policy.ts'
import type { CanaryEvent } from './canary-event.ts'
import { type Criterion, type CriterionReport, MOST_UNITS } from './criterion.ts'
import { createUnitLedger, type UnitLedger } from './unit-ledger.ts'

export interface EventCriterionOptions {
  readonly name: string
  readonly alpha: number
  readonly tolerance: number
  /** Whether something bad happened; undefined where the event is not about this criterion. */
  readonly isBad: (event: CanaryEvent) => boolean | undefined
}

const count = z.number().int().nonnegative()
const counts = z.strictObject({ canary: count, control: count })
const ledgerSchema = z.strictObject({ capacity: count, units: count, bits: z.string() })
const stateSchema = z.strictObject({ seen: counts, bad: counts, ledger: ledgerSchema })

/** Bad events counted in both groups; of one key only the first, since what happens to one user is not independent. */
export function createEventCriterion(options: EventCriterionOptions, from?: unknown): Criterion {
  const { seen, bad, ledger } = countsOf(options, from)
  return {
    name: options.name,
    observe: (event) => {
      const isBad = options.isBad(event)
      if (isBad === undefined) return false
      seen[event.group]++
      if (!isBad || (event.key !== undefined && !ledger.add(event.key))) return false
      bad[event.group]++
      return event.group === 'canary'
    },
    isWorse: () => evidenceOf(options, bad) >= Math.log(1 / options.alpha),
    report: () => eventReport(options, { seen, bad }),
    toState: () => ({ seen, bad, ledger: ledger.toState() }),
  }
}

interface Counts {
  readonly seen: { canary: number; control: number }
  readonly bad: { canary: number; control: number }
}

function countsOf({ name }: EventCriterionOptions, from: unknown): Counts & { ledger: UnitLedger } {
  if (from === undefined)
    return {
      ...{ seen: { canary: 0, control: 0 }, bad: { canary: 0, control: 0 } },
      ledger: createUnitLedger({ capacity: MOST_UNITS }),
    }
  const state = parsedAs(stateSchema, from, `the state of the criterion ${name}`)
  return { ...state, ledger: createUnitLedger(state.ledger) }
}

const evidenceOf = ({ tolerance }: EventCriterionOptions, { canary, control }: Counts['bad']): number =>
  excessEvidence({ control, treatment: canary }, { tolerance })

function eventReport(options: EventCriterionOptions, { seen, bad }: Counts): CriterionReport {
  const { name, alpha } = options
  const evidence = evidenceOf(options, bad)
  const observed = (group: 'canary' | 'control') => ({ count: seen[group], value: bad[group] / seen[group] })
  return {
    ...{ name, alpha, isWorse: evidence >= Math.log(1 / alpha), pValue: Math.min(1, Math.exp(-evidence)) },
    ...{ canary: observed('canary'), control: observed('control') },
    summary: `${bad.canary} in ${seen.canary} answers of the canary, ${bad.control} in ${seen.control} of its control`,
  }
}
