import {
  budgetLeft,
  budgetShare,
  burnAlerts,
  burnRate,
  burnWindows,
  type EventCounts,
  windowName,
} from './error-budget.ts'
import type { Objective, ObjectiveName } from './objectives.ts'

/** `GET /slo`. What is not known is null. */
export interface SloReport {
  readonly windowSeconds: number
  /** Whether the counts outlive a restart. */
  readonly isKept: boolean
  readonly objectives: readonly ObjectiveReport[]
}

export interface ObjectiveReport {
  readonly name: ObjectiveName
  readonly target: number
  /** Of the latency. */
  readonly thresholdMs: number | null
  /** How much of the window was counted. */
  readonly coveredSeconds: number
  /** In the window. */
  readonly events: number
  readonly badEvents: number
  readonly goodShare: number | null
  /** 1 untouched, 0 spent, below 0 overspent. */
  readonly budgetLeft: number | null
  readonly burnRates: readonly {
    readonly window: string
    readonly seconds: number
    readonly events: number
    readonly rate: number | null
  }[]
  readonly alerts: readonly {
    readonly severity: 'page' | 'ticket'
    /** What it costs of the budget until it fires, at the burn rate over the long window. */
    readonly budgetShare: number
    readonly longWindow: string
    readonly shortWindow: string
    readonly burnRate: number
    readonly isFiring: boolean
  }[]
}

/** @param within what happened in the seconds until now */
export function reportObjective(
  { name, target, thresholdMs }: Objective,
  windowSeconds: number,
  coveredSeconds: number,
  within: (seconds: number) => EventCounts,
): ObjectiveReport {
  const { events, bad } = within(windowSeconds)
  const rateOver = (seconds: number): number | null => burnRate(within(seconds), target)
  return {
    ...{ name, target, thresholdMs, events, badEvents: bad },
    coveredSeconds: Math.min(coveredSeconds, windowSeconds),
    goodShare: events === 0 ? null : 1 - bad / events,
    budgetLeft: budgetLeft({ events, bad }, target),
    burnRates: burnWindows(target, windowSeconds).map((seconds) => ({
      ...{ window: windowName(seconds), seconds, events: within(seconds).events, rate: rateOver(seconds) },
    })),
    alerts: burnAlerts(target, windowSeconds).map((alert) => ({
      severity: alert.severity,
      budgetShare: budgetShare(alert, windowSeconds),
      longWindow: windowName(alert.longSeconds),
      shortWindow: windowName(alert.shortSeconds),
      burnRate: alert.burnRate,
      isFiring: [alert.longSeconds, alert.shortSeconds].every((s) => (rateOver(s) ?? 0) > alert.burnRate),
    })),
  }
}
