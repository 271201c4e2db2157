import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterMeasurement, definePlateau, PLATEAU_START } from './plateau.ts'
import { defineSchedule, type ScheduleOptions, scheduleFactor, warmUp } from './schedule.ts'

interface Golden {
  readonly provenance: string
  readonly schedules: readonly { readonly schedule: ScheduleOptions; readonly factors: readonly number[] }[]
  readonly metrics: readonly number[]
  readonly plateaus: readonly {
    readonly options: Parameters<typeof definePlateau>[0]
    readonly factors: readonly number[]
  }[]
}

const golden = JSON.parse(readFileSync(new URL('./fixtures/torch.json', import.meta.url), 'utf8')) as Golden

describe(`learning-rate schedules, against ${golden.provenance}`, () => {
  it.each(golden.schedules.map((entry) => [JSON.stringify(entry.schedule), entry] as const))('%s', (_, entry) => {
    const schedule = defineSchedule(entry.schedule)
    for (const [step, expected] of entry.factors.entries())
      expect(scheduleFactor(schedule, step)).toBeCloseTo(expected, 12)
  })

  it.each(golden.plateaus.map((entry) => [JSON.stringify(entry.options), entry] as const))('plateau %s', (_, entry) => {
    const plateau = definePlateau(entry.options)
    let state = PLATEAU_START
    for (const [i, expected] of entry.factors.entries()) {
      expect(state.factor).toBeCloseTo(expected, 12)
      // A resumed run has the state from JSON.
      state = afterMeasurement(plateau, JSON.parse(JSON.stringify(state)), golden.metrics[i]!)
    }
  })
})

describe('learning-rate schedules', () => {
  it('stay where they end', () => {
    const at = (schedule: ScheduleOptions, step: number): number => scheduleFactor(defineSchedule(schedule), step)
    expect(at({ kind: 'cosine', steps: 5, floor: 0.25 }, 50)).toBeCloseTo(0.25, 15)
    expect(at({ kind: 'linear', steps: 5, to: 0.5 }, 50)).toBe(0.5)
    const last = at({ kind: 'oneCycle', steps: 5 }, 4)
    expect(last).toBeCloseTo(1 / 25e4, 15)
    expect(at({ kind: 'oneCycle', steps: 5 }, 50)).toBe(last)
  })

  it('may begin at nothing', () => {
    const schedule = warmUp(10, { kind: 'constant' })
    expect([0, 5, 10, 99].map((step) => scheduleFactor(schedule, step))).toEqual([0, 0.5, 1, 1])
  })

  it('stay between nothing and the learning rate', () => {
    const schedules = golden.schedules.map(({ schedule }) => defineSchedule(schedule))
    fc.assert(
      fc.property(fc.constantFrom(...schedules), fc.nat(1000), (schedule, step) => {
        const factor = scheduleFactor(schedule, step)
        expect(factor).toBeGreaterThanOrEqual(0)
        expect(factor).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('are checked', () => {
    const fails = (schedule: unknown, message: RegExp): void =>
      expect(() => defineSchedule(schedule as ScheduleOptions)).toThrow(message)
    fails({ kind: 'cosine' }, /learning-rate schedule: steps/)
    fails({ kind: 'cosine', steps: 3, flor: 0 }, /flor/)
    fails({ kind: 'warmUp', steps: 3, followedBy: { kind: 'step', every: 0 } }, /followedBy\.every/)
    fails({ kind: 'triangle' }, /kind/)
    expect(() => definePlateau({ gamma: 1 })).toThrow(/gamma/)
  })
})

describe('plateau', () => {
  it('does not take what is no number for an improvement', () => {
    const plateau = definePlateau({ patience: 0 })
    const state = afterMeasurement(plateau, PLATEAU_START, Number.NaN)
    expect(state).toEqual({ factor: 0.1, badCount: 0, cooldownLeft: 0 })
    expect(afterMeasurement(plateau, state, 5)).toMatchObject({ best: 5, factor: 0.1 })
  })
})
