import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPrice, costOf } from './cost.ts'

const HOUR = 3600

describe('costOf', () => {
  it('divides the price of the time by what was predicted in it', () => {
    const usage = { seconds: HOUR, predictions: 340_000, processes: 1, busySeconds: 360, computeSeconds: 100 }
    const cost = costOf(usage, 0.34)
    expect(cost.per1000).toBeCloseTo(0.001, 12)
    expect(cost.utilisation).toBeCloseTo(0.1)
    expect(cost.capacityPerSecond).toBeCloseTo(340_000 / HOUR / 0.1)
    expect(cost.per1000AtCapacity).toBeCloseTo(0.0001, 12)
  })

  it('says nothing of what was not measured', () => {
    const idle = { seconds: 60, predictions: 0, processes: 2, busySeconds: 0.1, computeSeconds: 0 }
    expect(costOf(idle, 1)).toMatchObject({ per1000: null, capacityPerSecond: null, per1000AtCapacity: null })
    expect(costOf({ ...idle, predictions: 3 }, 1)).toMatchObject({
      per1000: expect.any(Number),
      capacityPerSecond: null,
    })
    expect(costOf({ ...idle, seconds: 0 }, 1).utilisation).toBeNull()
  })

  it('costs at capacity what the machine costs, divided by its capacity', () => {
    const usages = fc.record({
      seconds: fc.integer({ min: 1, max: HOUR }),
      predictions: fc.integer({ min: 1, max: 1e9 }),
      processes: fc.integer({ min: 1, max: 64 }),
      busySeconds: fc.double({ min: 0, max: 1e5, noNaN: true }),
      computeSeconds: fc.double({ min: 0, max: 1e5, noNaN: true }),
    })
    fc.assert(
      fc.property(usages, fc.double({ min: 0.01, max: 1000, noNaN: true }), (usage, perHour) => {
        const { per1000, per1000AtCapacity, capacityPerSecond, utilisation } = costOf(usage, perHour)
        expect(utilisation).toBeLessThanOrEqual(1)
        if (capacityPerSecond === null) return
        expect(per1000AtCapacity!).toBeLessThanOrEqual(per1000!)
        expect(per1000AtCapacity! / ((perHour / HOUR / capacityPerSecond) * 1000)).toBeCloseTo(1, 9)
      }),
    )
  })
})

describe('checkPrice', () => {
  it.each([{ perHour: 0 }, { perHour: -1 }, { perHour: Number.NaN }, { perHour: 1, currency: 'dollars' }])(
    'refuses %j',
    (price) => {
      expect(() => checkPrice(price)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    },
  )
})
