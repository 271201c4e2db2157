import { FivefoldError } from '../../../core/index.ts'
import type { Windows } from './windows.ts'

/** What the machine under the server costs; all of its processes together. */
export interface PriceOptions {
  readonly perHour: number
  /** As ISO 4217 names it. Default USD. */
  readonly currency?: string
}

export interface CostReport {
  readonly currency: string
  readonly pricePerHour: number
  readonly windows: Windows<Cost>
}

export interface Cost {
  readonly seconds: number
  /** Rows predicted on. */
  readonly predictions: number
  /** What a thousand of them cost, the time included in which nobody asked. Null where there were none. */
  readonly per1000: number | null
  /** From 0 to 1: how busy the processes were. */
  readonly utilisation: number | null
  /** Predictions a second if the processes were busy all the time, extrapolated; null where they were hardly used. */
  readonly capacityPerSecond: number | null
  readonly per1000AtCapacity: number | null
}

/** What costs are worked out from. */
export interface Usage {
  readonly seconds: number
  readonly predictions: number
  readonly processes: number
  /** In which the event loops did something, of all processes. */
  readonly busySeconds: number
  /** In which models ran, of all processes; of models in threads of their own the event loop knows nothing. */
  readonly computeSeconds: number
}

/** Below this share of use, what is idle work of the processes cannot be told from predictions. */
const LEAST_UTILISATION = 0.01

/** @throws OPTION_INVALID */
export function checkPrice({ perHour, currency = 'USD' }: PriceOptions): Required<PriceOptions> {
  if (!(perHour > 0 && Number.isFinite(perHour)))
    throw new FivefoldError('OPTION_INVALID', `a price of ${perHour} an hour is none`, {
      remedy: 'Give an amount above 0.',
    })
  if (!/^[A-Z]{3}$/.test(currency))
    throw new FivefoldError('OPTION_INVALID', `'${currency.slice(0, 20)}' is no currency`, {
      remedy: 'Give three capital letters, such as EUR.',
    })
  return { perHour, currency }
}

/**
 * The price of the time over the predictions made in it; at capacity over those that could have been made in it.
 * `capacity = predictions per second / utilisation`, so that the cost at capacity is the cost times the utilisation.
 */
export function costOf({ seconds, predictions, processes, busySeconds, computeSeconds }: Usage, perHour: number): Cost {
  const available = seconds * processes
  const utilisation = available > 0 ? Math.min(1, Math.max(busySeconds, computeSeconds) / available) : null
  const per1000 = predictions > 0 ? ((perHour * seconds) / 3600 / predictions) * 1000 : null
  const isMeasured = predictions > 0 && utilisation !== null && utilisation >= LEAST_UTILISATION
  return {
    ...{ seconds, predictions, per1000, utilisation },
    capacityPerSecond: isMeasured ? predictions / seconds / utilisation : null,
    per1000AtCapacity: isMeasured ? per1000! * utilisation : null,
  }
}
