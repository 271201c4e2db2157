import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetLeft, budgetShare, burnAlerts, burnRate, burnWindows, windowName } from './error-budget.ts'

const DAY = 86_400

describe('burnRate and budgetLeft', () => {
  it('give the burn rates of the workbook', () => {
    // With 99.9% promised: 0.1% of errors burn at 1, 1% at 10, everything failing at 1000.
    expect(burnRate({ events: 1_000_000, bad: 1000 }, 0.999)).toBeCloseTo(1)
    expect(burnRate({ events: 1000, bad: 10 }, 0.999)).toBeCloseTo(10)
    expect(burnRate({ events: 7, bad: 7 }, 0.999)).toBeCloseTo(1000)
    expect(burnRate({ events: 0, bad: 0 }, 0.999)).toBeNull()
    expect(budgetLeft({ events: 0, bad: 0 }, 0.999)).toBeNull()
  })

  it('spend the whole budget at a rate of 1, whatever is promised', () => {
    const target = fc.double({ min: 0.5, max: 0.9999, noNaN: true })
    const events = fc.integer({ min: 1, max: 1e9 })
    fc.assert(
      fc.property(target, events, fc.double({ min: 0, max: 1, noNaN: true }), (promised, all, share) => {
        const counts = { events: all, bad: Math.floor(share * all) }
        expect(budgetLeft(counts, promised)! + burnRate(counts, promised)!).toBeCloseTo(1, 6)
        expect(budgetLeft({ events: all, bad: 0 }, promised)).toBe(1)
        expect(burnRate({ events: all, bad: all }, promised)).toBeCloseTo(1 / (1 - promised), 6)
      }),
    )
  })
})

describe('burnAlerts', () => {
  it('are those of the workbook over 30 days', () => {
    const alerts = burnAlerts(0.999, 30 * DAY)
    expect(
      alerts.map((alert) => [
        alert.severity,
        windowName(alert.longSeconds),
        windowName(alert.shortSeconds),
        alert.burnRate,
        Number(budgetShare(alert, 30 * DAY).toFixed(6)),
      ]),
    ).toEqual([
      ['page', '1h', '5m', 14.4, 0.02],
      ['page', '6h', '30m', 6, 0.05],
      ['ticket', '3d', '6h', 1, 0.1],
    ])
    expect(burnWindows(0.999, 30 * DAY).map(windowName)).toEqual(['5m', '30m', '1h', '6h', '3d'])
  })

  it('leave out what could never fire, and windows longer than the promise', () => {
    expect(burnAlerts(0.9, 30 * DAY).map((alert) => alert.burnRate)).toEqual([6, 1])
    expect(burnAlerts(0.999, DAY).map((alert) => alert.burnRate)).toEqual([14.4, 6])
    const promises = fc.tuple(fc.double({ min: 0.01, max: 0.9999, noNaN: true }), fc.integer({ min: 1, max: 90 }))
    fc.assert(
      fc.property(promises, ([target, days]) => {
        for (const alert of burnAlerts(target, days * DAY)) {
          expect(burnRate({ events: 1, bad: 1 }, target)!).toBeGreaterThan(alert.burnRate)
          expect(alert.shortSeconds * 12).toBe(alert.longSeconds)
        }
      }),
    )
  })
})
