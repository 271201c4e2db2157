import { FivefoldError } from '../../../../core/index.ts'
import type { Outcome } from '../../metrics/server-metrics.ts'

/** What a server promises; events are requests for predictions. */
export interface SloOptions {
  /** Share of the requests that shall not fail, between 0 and 1, such as 0.999. */
  readonly availability?: number
  readonly latency?: {
    readonly thresholdMs: number
    /** Share of the answers that shall take no longer than the threshold. */
    readonly target: number
  }
  /** Over which time the promise holds, from a day to 90 days. Default 30 days. */
  readonly windowSeconds?: number
  /** A file in which the counts outlive restarts. */
  readonly stateFile?: string
}

export type ObjectiveName = 'availability' | 'latency'

export interface Objective {
  readonly name: ObjectiveName
  readonly target: number
  readonly thresholdMs: number | null
}

export const DAY_SECONDS = 86_400
const DEFAULT_WINDOW_SECONDS = 30 * DAY_SECONDS

export interface Promised {
  readonly objectives: readonly Objective[]
  readonly windowSeconds: number
}

/** @throws OPTION_INVALID */
export function promisedBy({ availability, latency, windowSeconds = DEFAULT_WINDOW_SECONDS }: SloOptions): Promised {
  if (!(windowSeconds >= DAY_SECONDS && windowSeconds <= 90 * DAY_SECONDS))
    throw invalid(`a window of ${windowSeconds} s`, 'Give a window from one day to 90 days.')
  const objectives: Objective[] = []
  if (availability !== undefined)
    objectives.push({ name: 'availability', target: share(availability), thresholdMs: null })
  if (latency) {
    const { thresholdMs, target } = latency
    if (!(thresholdMs > 0 && Number.isFinite(thresholdMs)))
      throw invalid(`a latency of ${thresholdMs} ms`, 'Give a number of milliseconds above 0.')
    objectives.push({ name: 'latency', target: share(target), thresholdMs })
  }
  if (objectives.length === 0)
    throw invalid('no objective', 'Give an availability, or a latency with the share of answers that keep it.')
  return { objectives, windowSeconds }
}

function share(value: number): number {
  if (value > 0 && value < 1) return value
  throw invalid(
    `an objective of ${value}`,
    'Give a share above 0 and below 1, such as 0.999: 1 leaves no error budget.',
  )
}

const invalid = (what: string, remedy: string): FivefoldError =>
  new FivefoldError('OPTION_INVALID', `${what} is no service level objective`, { remedy })

/**
 * Whether a request kept an objective; undefined where it says nothing about it. Mistakes of callers are no events. A caller
 * that went away says nothing, unless it had waited longer than it should have.
 */
export function judge({ name, thresholdMs }: Objective, outcome: Outcome, ms: number): 'good' | 'bad' | undefined {
  if (name === 'availability') return outcome === 'ok' ? 'good' : outcome === 'failed' ? 'bad' : undefined
  const isSlow = ms > thresholdMs!
  if (outcome === 'ok') return isSlow ? 'bad' : 'good'
  return outcome === 'left' && isSlow ? 'bad' : undefined
}
