/**
 * The arithmetic of error budgets and burn rates, after chapter 5, "Alerting on SLOs", of The Site Reliability Workbook
 * (Beyer et al., 2018): https://sre.google/workbook/alerting-on-slos/
 */

export interface EventCounts {
  readonly events: number
  readonly bad: number
}

/** How many times faster than it may the budget is spent: 1 spends all of it in the window. Null without events. */
export const burnRate = ({ events, bad }: EventCounts, target: number): number | null =>
  events === 0 ? null : bad / events / (1 - target)

/** What is left of the budget: 1 all of it, 0 none, below 0 overspent. Null without events. */
export function budgetLeft(counts: EventCounts, target: number): number | null {
  const spent = burnRate(counts, target)
  return spent === null ? null : 1 - spent
}

export interface BurnAlert {
  readonly severity: 'page' | 'ticket'
  readonly longSeconds: number
  /** A twelfth of the long window: the alert ends soon after the trouble does. */
  readonly shortSeconds: number
  /** Both windows have to burn faster. */
  readonly burnRate: number
}

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400]

/** As the workbook recommends under "Multiwindow, Multi-Burn-Rate Alerts": over 30 days they stand for 2%, 5% and 10% of the budget. */
const BURN_ALERTS: readonly BurnAlert[] = [
  { severity: 'page', longSeconds: HOUR, shortSeconds: 5 * MINUTE, burnRate: 14.4 },
  { severity: 'page', longSeconds: 6 * HOUR, shortSeconds: 30 * MINUTE, burnRate: 6 },
  { severity: 'ticket', longSeconds: 3 * DAY, shortSeconds: 6 * HOUR, burnRate: 1 },
]

/**
 * The alerts that can fire: where half of the requests may fail, nothing burns fourteen times as fast as it may, and a window
 * has to be shorter than the promise.
 */
export const burnAlerts = (target: number, windowSeconds: number): readonly BurnAlert[] =>
  BURN_ALERTS.filter(({ burnRate: rate, longSeconds }) => rate * (1 - target) < 1 && longSeconds <= windowSeconds)

/** The share of the budget that is gone when an alert has burnt at its rate for its long window. */
export const budgetShare = ({ burnRate: rate, longSeconds }: BurnAlert, windowSeconds: number): number =>
  (rate * longSeconds) / windowSeconds

/** Windows over which burn rates are told, each once, the shortest first. */
export const burnWindows = (target: number, windowSeconds: number): readonly number[] =>
  [
    ...new Set(
      burnAlerts(target, windowSeconds).flatMap(({ longSeconds, shortSeconds }) => [shortSeconds, longSeconds]),
    ),
  ].sort((a, b) => a - b)

/** As durations are written: `5m`, `6h`, `3d`. */
export function windowName(seconds: number): string {
  if (seconds % DAY === 0) return `${seconds / DAY}d`
  return seconds % HOUR === 0 ? `${seconds / HOUR}h` : `${seconds / MINUTE}m`
}
