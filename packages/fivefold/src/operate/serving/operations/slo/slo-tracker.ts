import type { Context } from '../../../../core/index.ts'
import type { EventCounts } from './error-budget.ts'
import { createEventLedger, type EventLedger } from './event-ledger.ts'
import { type Objective, type ObjectiveName, promisedBy, type SloOptions } from './objectives.ts'
import { reportObjective, type SloReport } from './slo-report.ts'
import { readSloState, type SloState, writeSloState } from './slo-state.ts'

/** Remembers what was counted for objectives as long as they are promised for. */
export interface SloTracker {
  /** What was counted since it was called last. */
  add(countedOf: (name: ObjectiveName) => EventCounts): void
  report(): SloReport
  /** Writes the state where there is a file for it; a failure is logged, since serving goes on without. */
  save(): Promise<void>
}

interface Tracked {
  readonly objective: Objective
  readonly sinceMs: number
  readonly ledger: EventLedger
}

/** @throws OPTION_INVALID; CONFIG_INVALID, CONFIG_UNREADABLE where the state cannot be read */
export async function createSloTracker(options: SloOptions, { clock, log }: Context): Promise<SloTracker> {
  const { objectives, windowSeconds } = promisedBy(options)
  const { stateFile } = options
  const before = stateFile === undefined ? undefined : await readSloState(stateFile)
  const tracked = objectives.map((objective) => goOn(objective, before, windowSeconds, clock.nowMs()))
  return {
    add(countedOf) {
      for (const { objective, ledger } of tracked) ledger.add(clock.nowMs(), countedOf(objective.name))
    },
    report: () => ({
      ...{ windowSeconds, isKept: stateFile !== undefined },
      objectives: tracked.map(({ objective, sinceMs, ledger }) => {
        const nowMs = clock.nowMs()
        return reportObjective(objective, windowSeconds, (nowMs - sinceMs) / 1000, (s) => ledger.within(nowMs, s))
      }),
    }),
    async save() {
      if (stateFile === undefined) return
      await writeSloState(stateFile, stateOf(tracked)).catch((thrown: unknown) =>
        log.warn('the counts of objectives cannot be written', { stateFile, reason: String(thrown) }),
      )
    },
  }
}

/** With what is known of an objective; counts for another threshold are not about this one. */
function goOn(objective: Objective, before: SloState | undefined, windowSeconds: number, nowMs: number): Tracked {
  const known = before?.objectives.find(
    ({ name, thresholdMs }) => name === objective.name && thresholdMs === objective.thresholdMs,
  )
  return { objective, sinceMs: known?.sinceMs ?? nowMs, ledger: createEventLedger(windowSeconds, known) }
}

const stateOf = (tracked: readonly Tracked[]): SloState => ({
  format: 1,
  objectives: tracked.map(({ objective: { name, thresholdMs }, sinceMs, ledger }) => {
    const { minutes, hours } = ledger.state()
    return { ...{ name, thresholdMs, sinceMs }, minutes: [...minutes], hours: [...hours] }
  }),
})
