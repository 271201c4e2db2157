import { z } from 'zod'
import { createHistogram, type HistogramBuilder } from '../../../metrics/index.ts'
import { parsedAs } from '../policy/traffic-policy.ts'
import type { CanaryAnswer } from './canary-event.ts'
import type { Criterion } from './criterion.ts'
import { createEventCriterion } from './event-criterion.ts'

export interface LatencyCriterionOptions {
  readonly alpha: number
  readonly quantile: number
  readonly tolerance: number
}

/** Latencies of the control before its quantile is known well enough to compare by. */
const FEWEST_LATENCIES = 50
/** The bar moves with the control's quantile, each so many of its latencies. */
const LATENCIES_A_BAR = 25

const count = z.number().int().nonnegative()
const histogram = z.strictObject({ count, buckets: z.record(z.string(), count) })
const stateSchema = z.strictObject({
  canary: histogram,
  control: histogram,
  bar: z.number().nullable(),
  slow: z.unknown(),
})

/**
 * A latency quantile that may be at most `tolerance` times its control's. An answer is slow where it takes longer than the
 * quantile that the control has had so far, after the canary's latencies were divided by the tolerance. If they are then no
 * longer than the control's, the canary has no more slow answers: counts of events, compared by an exact test. The bar follows
 * the control, so a busy hour, which slows both, raises it.
 */
export function createLatencyCriterion(options: LatencyCriterionOptions, from?: unknown): Criterion {
  const { quantile, tolerance } = options
  const name = `latency.p${Number((quantile * 100).toFixed(1))}`
  const state = from === undefined ? undefined : parsedAs(stateSchema, from, `the state of the criterion ${name}`)
  const latencies = { canary: createHistogram(state?.canary), control: createHistogram(state?.control) }
  let bar = state?.bar ?? undefined
  const slow = createEventCriterion(
    {
      ...{ name, alpha: options.alpha, tolerance: 1 },
      isBad: (event) => (event.kind === 'answer' && bar !== undefined ? comparable(event, tolerance) > bar : undefined),
    },
    state?.slow,
  )
  return {
    name,
    observe: (event) => {
      if (event.kind !== 'answer') return false
      // The bar must not know the answer that is held against it.
      const changed = slow.observe(event)
      latencies[event.group].add(event.latencyMs)
      const { control } = latencies
      if (control.count >= FEWEST_LATENCIES && control.count % LATENCIES_A_BAR === 0)
        bar = quantileOf(control, quantile)
      return changed
    },
    isWorse: slow.isWorse,
    report: () => latencyReport(slow.report(), latencies, options),
    toState: () => ({
      canary: latencies.canary.toHistogram(),
      control: latencies.control.toHistogram(),
      bar: bar ?? null,
      slow: slow.toState(),
    }),
  }
}

const comparable = ({ group, latencyMs }: CanaryAnswer, tolerance: number): number =>
  group === 'canary' ? latencyMs / tolerance : latencyMs

const quantileOf = (values: HistogramBuilder, quantile: number): number =>
  values.valueOfRank(Math.max(1, Math.ceil(values.count * quantile)))

function latencyReport(
  slow: ReturnType<Criterion['report']>,
  latencies: Readonly<Record<'canary' | 'control', HistogramBuilder>>,
  { quantile, tolerance }: LatencyCriterionOptions,
): ReturnType<Criterion['report']> {
  const observed = (values: HistogramBuilder) => ({ count: values.count, value: quantileOf(values, quantile) })
  const canary = observed(latencies.canary)
  const control = observed(latencies.control)
  const measured = Number.isFinite(canary.value / control.value)
    ? `${canary.value.toPrecision(3)} ms against ${control.value.toPrecision(3)} ms, of which ${tolerance} times are tolerated`
    : 'too few answers'
  return { ...slow, canary, control, summary: `${measured}; slow answers: ${slow.summary}` }
}
