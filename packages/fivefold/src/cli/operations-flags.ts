import { type Command, InvalidArgumentError } from 'commander'
import { FivefoldError } from '../core/index.ts'
import type { PriceOptions, SloOptions } from '../operate/index.ts'
import { durationMs } from './flag-values.ts'

export interface SloFlags {
  /** Shares, of percentages. */
  readonly sloAvailability?: number
  readonly sloLatencyMs?: number
  readonly sloLatencyTarget?: number
  /** Milliseconds. */
  readonly sloWindow?: number
}

export interface OperationsFlags extends SloFlags {
  readonly sloState?: string
  readonly pricePerHour?: number
  readonly currency?: string
}

/** What a service promises; the same flags where it is served and where its alerts are written. */
export function withSloFlags(command: Command): Command {
  return command
    .option('--slo-availability <percent>', 'objective: share of requests that do not fail, such as 99.9', percentage)
    .option('--slo-latency-ms <ms>', 'objective: most answers take no longer than this', positive)
    .option('--slo-latency-target <percent>', 'share of the answers that keep --slo-latency-ms; default 99', percentage)
    .option('--slo-window <duration>', 'how long the objectives are promised for, 1d to 90d; default 30d', durationMs)
}

export const withOperationsFlags = (command: Command): Command =>
  withSloFlags(command)
    .option('--slo-state <file>', 'keep the counts of objectives in this file over restarts')
    .option('--price-per-hour <amount>', 'what the machine costs an hour, to tell what predictions cost', positive)
    .option('--currency <code>', 'currency of --price-per-hour; default USD')

/** @throws CLI_USAGE where a flag is given without the one that it belongs to */
export function sloOf(flags: SloFlags & Pick<OperationsFlags, 'sloState'>): SloOptions | undefined {
  const { sloAvailability, sloLatencyMs, sloLatencyTarget, sloWindow, sloState } = flags
  if (sloLatencyMs === undefined && sloLatencyTarget !== undefined)
    throw new FivefoldError('CLI_USAGE', '--slo-latency-target goes with --slo-latency-ms')
  if (sloAvailability === undefined && sloLatencyMs === undefined) {
    if (sloWindow === undefined && sloState === undefined) return undefined
    throw new FivefoldError('CLI_USAGE', 'no objective: give --slo-availability or --slo-latency-ms')
  }
  return {
    ...(sloAvailability !== undefined && { availability: sloAvailability }),
    ...(sloLatencyMs !== undefined && { latency: { thresholdMs: sloLatencyMs, target: sloLatencyTarget ?? 0.99 } }),
    ...(sloWindow !== undefined && { windowSeconds: sloWindow / 1000 }),
    ...(sloState !== undefined && { stateFile: sloState }),
  }
}

/** @throws CLI_USAGE */
export function priceOf({ pricePerHour, currency }: OperationsFlags): PriceOptions | undefined {
  if (pricePerHour !== undefined) return { perHour: pricePerHour, ...(currency !== undefined && { currency }) }
  if (currency === undefined) return undefined
  throw new FivefoldError('CLI_USAGE', '--currency goes with --price-per-hour')
}

function percentage(text: string): number {
  const value = Number(text)
  if (!(/^\d+(\.\d+)?$/.test(text) && value > 0 && value < 100))
    throw new InvalidArgumentError('expected a percentage above 0 and below 100, such as 99.9.')
  // In decimals: 99.9 / 100 is not 0.999.
  return Number((value / 100).toPrecision(12))
}

function positive(text: string): number {
  const value = Number(text)
  if (!(/^\d+(\.\d+)?$/.test(text) && value > 0)) throw new InvalidArgumentError('expected a number above 0.')
  return value
}
