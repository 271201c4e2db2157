import { describe, expect, it } from 'vitest'
import { createContext } from '../../core/index.ts'
import type { ColumnSchema } from '../../data/index.ts'
import { calendarTransform } from './calendar.ts'

const column: ColumnSchema = { name: 'at', type: 'datetime', tensor: 'double', nullable: false, evidence: 'declared' }

const moments = (times: readonly number[]) => ({ kind: 'number' as const, values: Float64Array.from(times) })

/** The standardised cosine of the time of day, fitted on moments (ms since 1970) and taken at one. */
function standardised(training: readonly number[], probe: number): number {
  const target = { kind: 'number', values: new Float64Array(training.length) } as const
  const input = {
    column,
    values: moments(training),
    rowCount: training.length,
    target,
    context: createContext(),
  }
  const { fitted } = calendarTransform.fit(input, { kind: 'calendar', parts: ['timeOfDayCos'], standardise: true })
  return fitted.apply(moments([probe]), 1)[0]![0]!
}

describe('standardised parts of dates', () => {
  it('blow up no rounding: moments within a third of a second of a day are one', () => {
    expect(Math.abs(standardised([0, 293], 4))).toBeLessThan(1e-9)
  })
  it('tell moments apart that differ', () => {
    expect(standardised([0, 43_200_000], 0)).toBeCloseTo(1)
  })
})
