import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventLedger } from './event-ledger.ts'

const [HOUR, DAY] = [3600, 86_400]

/** Events at increasing times within some days, each [seconds since the one before, events, bad ones of them]. */
const histories = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 })),
  { maxLength: 80 },
)
const START = 1_750_000_000

function played(history: readonly (readonly [number, number, number])[], windowSeconds: number) {
  const ledger = createEventLedger(windowSeconds)
  const all: { time: number; events: number; bad: number }[] = []
  let time = START
  for (const [wait, events, share] of history) {
    time += wait
    const counts = { events, bad: Math.min(events, share) }
    ledger.add(time * 1000, counts)
    all.push({ time, ...counts })
  }
  const exact = (seconds: number, slack = 0) => {
    const within = all.filter((one) => one.time > time - seconds - slack)
    return { events: within.reduce((s, e) => s + e.events, 0), bad: within.reduce((s, e) => s + e.bad, 0) }
  }
  return { ledger, exact, nowMs: time * 1000 }
}

describe('createEventLedger', () => {
  it.each([
    [300, 60],
    [HOUR, 60],
    [6 * HOUR, 60],
    [3 * DAY, HOUR],
    [7 * DAY, HOUR],
  ])('counts what happened in the last %i s, exact to one slot of %i s', (seconds, slot) => {
    fc.assert(
      fc.property(histories, (history) => {
        const { ledger, exact, nowMs } = played(history, 7 * DAY)
        const { events, bad } = ledger.within(nowMs, seconds)
        for (const [count, name] of [
          [events, 'events'],
          [bad, 'bad'],
        ] as const) {
          expect(count).toBeGreaterThanOrEqual(exact(seconds)[name])
          expect(count).toBeLessThanOrEqual(exact(seconds, slot + 1)[name])
        }
      }),
    )
  })

  it('goes on from its state as if it had never stopped, and stays bounded', () => {
    fc.assert(
      fc.property(histories, histories, (before, after) => {
        const { ledger, nowMs } = played(before, DAY)
        const again = createEventLedger(DAY, JSON.parse(JSON.stringify(ledger.state())))
        let timeMs = nowMs
        for (const [wait, events] of after) {
          timeMs += wait * 1000
          for (const one of [ledger, again]) one.add(timeMs, { events, bad: 0 })
        }
        expect(again.state()).toEqual(ledger.state())
        for (const seconds of [300, DAY]) expect(again.within(timeMs, seconds)).toEqual(ledger.within(timeMs, seconds))
        expect(ledger.state().minutes.length).toBeLessThanOrEqual(361)
        expect(ledger.state().hours.length).toBeLessThanOrEqual(25)
      }),
    )
  })

  it('adds to the latest slot where the clock was set back', () => {
    const ledger = createEventLedger(DAY)
    ledger.add(START * 1000, { events: 5, bad: 1 })
    ledger.add((START - 7200) * 1000, { events: 2, bad: 2 })
    expect(ledger.within(START * 1000, 300)).toEqual({ events: 7, bad: 3 })
  })
})
