import type { EventCounts } from './error-budget.ts'

/** Events by the minute for some hours, and by the hour for as long as is promised: [slot since 1970, events, bad ones]. */
export interface LedgerState {
  readonly minutes: readonly Slot[]
  readonly hours: readonly Slot[]
}
export type Slot = readonly [slot: number, events: number, bad: number]

export interface EventLedger {
  add(timeMs: number, counts: EventCounts): void
  /** What happened within a window that ends now. It begins with a slot, so that it is up to one of them longer. */
  within(nowMs: number, seconds: number): EventCounts
  state(): LedgerState
}

const [MINUTE, HOUR] = [60, 3600]
/** Windows up to this length are told by the minute. */
const FINE_SECONDS = 6 * HOUR

export function createEventLedger(windowSeconds: number, { minutes, hours }: LedgerState = NOTHING): EventLedger {
  const fine = createSlots(MINUTE, FINE_SECONDS, minutes)
  const coarse = createSlots(HOUR, windowSeconds, hours)
  return {
    add(timeMs, counts) {
      fine.add(timeMs / 1000, counts)
      coarse.add(timeMs / 1000, counts)
    },
    within: (nowMs, seconds) => (seconds <= FINE_SECONDS ? fine : coarse).within(nowMs / 1000, seconds),
    state: () => ({ minutes: fine.slots(), hours: coarse.slots() }),
  }
}

const NOTHING: LedgerState = { minutes: [], hours: [] }

function createSlots(slotSeconds: number, keptSeconds: number, before: readonly Slot[]) {
  const slots: { slot: number; events: number; bad: number }[] = before.map(([slot, events, bad]) => ({
    ...{ slot, events, bad },
  }))
  return {
    add(time: number, { events, bad }: EventCounts): void {
      if (events === 0) return
      // A clock that was set back adds to the latest slot.
      const slot = Math.max(Math.floor(time / slotSeconds), slots.at(-1)?.slot ?? 0)
      const last = slots.at(-1)
      if (last?.slot === slot) {
        last.events += events
        last.bad += bad
      } else slots.push({ slot, events, bad })
      while (slots[0]!.slot < slot - keptSeconds / slotSeconds) slots.shift()
    },
    within(now: number, seconds: number): EventCounts {
      const first = Math.floor(now / slotSeconds) - seconds / slotSeconds
      const counts = { events: 0, bad: 0 }
      for (const { slot, events, bad } of slots)
        if (slot >= first) {
          counts.events += events
          counts.bad += bad
        }
      return counts
    },
    slots: (): Slot[] => slots.map(({ slot, events, bad }) => [slot, events, bad]),
  }
}
