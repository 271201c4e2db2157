import { FivefoldError } from '../../core/index.ts'
import { normalQuantile } from '../special-functions.ts'
import { type BetaPrior, evidenceOfExcess } from './binomial-mixture.ts'
import { checkAlpha } from './normal-mixture.ts'

/** How often something bad happened in two groups among which requests were divided at random, one to one. */
export interface EventCounts {
  readonly control: number
  readonly treatment: number
}

export interface ExcessOptions {
  /** The treatment may have up to this many times the control's events. Default 1. */
  readonly tolerance?: number
  readonly prior?: BetaPrior
}

/** Quarter past even odds is what a roll-out has to see; of the prior the part above even odds counts alone. */
const DEFAULT_PRIOR: BetaPrior = { a: 2, b: 2 }

/**
 * Log evidence that the treatment has events more often than `tolerance` times the control. Given that an event happened, and
 * requests being divided one to one at random, it is the treatment's with probability at most tolerance / (1 + tolerance) unless
 * the treatment is worse. So the evidence exceeds log(1/α) at any time with probability α at most: exact for rare events and few
 * of them, and whatever the rate of events does over the day (Lindon and Malek, 2022).
 */
export function excessEvidence({ control, treatment }: EventCounts, options: ExcessOptions = {}): number {
  const { tolerance = 1, prior = DEFAULT_PRIOR } = options
  return evidenceOfExcess(treatment, control + treatment, tolerance / (1 + tolerance), prior)
}

export interface DetectionOptions extends ExcessOptions {
  readonly alpha: number
  /** Probability of detection wanted. Default 0.9. */
  readonly power?: number
  /** Probability that a request to the control, and one to the treatment, is an event. */
  readonly controlRate: number
  readonly treatmentRate: number
}

export interface Detection {
  /** Requests to each of the two groups within which the excess is detected with the power asked for. */
  readonly requests: number
  /** Events in both groups together within which it is. */
  readonly events: number
}

/** More events than this are not waited for. */
const MOST_EVENTS = 20_000

/**
 * How many requests it takes until `excessEvidence` passes log(1/α), exact up to the normal limit of how many requests bring
 * that many events: the distribution of the first passage, event by event.
 *
 * @throws OPTION_INVALID where the treatment is not worse than tolerated, or so little that it takes over 20,000 events
 */
export function requestsUntilDetection(options: DetectionOptions): Detection {
  const { alpha, power = 0.9, controlRate, treatmentRate, tolerance = 1 } = options
  checkAlpha(alpha)
  if (!(treatmentRate > tolerance * controlRate && treatmentRate <= 1 && controlRate >= 0))
    throw new FivefoldError(
      'OPTION_INVALID',
      `an event rate of ${treatmentRate} is not above what is tolerated, ${tolerance} times ${controlRate}`,
    )
  const share = treatmentRate / (controlRate + treatmentRate)
  // Two reasons to take longer: the passage needs more events, the events need more requests. Each may take half.
  const slack = (1 - power) / 2
  const events = eventsUntilPassage(share, slack, options)
  return { events, requests: requestsForEvents(events, options, normalQuantile(1 - slack)) }
}

/** Requests to each group that bring that many events, but for a shortfall of `z` standard deviations. */
function requestsForEvents(events: number, { controlRate, treatmentRate }: DetectionOptions, z: number): number {
  const rate = controlRate + treatmentRate
  const variance = controlRate * (1 - controlRate) + treatmentRate * (1 - treatmentRate)
  const spread = z * Math.sqrt(variance / rate)
  // n·rate - spread·√(n·rate) = events, solved for √(n·rate).
  const root = (spread + Math.sqrt(spread * spread + 4 * events)) / 2
  return Math.ceil((root * root) / rate)
}

/** Events after which all but `missed` of the paths have passed the boundary, each event being the treatment's with `share`. */
function eventsUntilPassage(share: number, missed: number, options: DetectionOptions): number {
  const limit = Math.log(1 / options.alpha)
  const isBeyond = (treatment: number, events: number): boolean =>
    excessEvidence({ control: events - treatment, treatment }, options) >= limit
  // Probability of each number of the treatment's events, on the paths that have not passed yet.
  let waiting: Float64Array = Float64Array.of(1)
  let boundary = 0
  for (let events = 1; events <= MOST_EVENTS; events++) {
    while (boundary <= events && !isBeyond(boundary, events)) boundary++
    waiting = nextWaiting(waiting, share, boundary)
    if (waiting.reduce((sum, probability) => sum + probability, 0) <= missed) return events
  }
  throw new FivefoldError('OPTION_INVALID', `so small an excess takes over ${MOST_EVENTS} events`, {
    remedy: 'Name a larger excess to be detected.',
  })
}

function nextWaiting(waiting: Float64Array, share: number, boundary: number): Float64Array {
  const next = new Float64Array(Math.min(waiting.length + 1, boundary))
  for (let count = 0; count < next.length; count++)
    next[count] = (waiting[count] ?? 0) * (1 - share) + (waiting[count - 1] ?? 0) * share
  return next
}
