import type { CanaryReport, CanaryTraffic } from '../../client/serving-wire.ts'
import { formatCount, formatPercent, formatSpan } from '../../format/format.ts'

/** How far a canary is, and what decides over it next. */
export interface CanaryOutlook {
  /** From 0 to 1, of the answers that the stage waits for. */
  readonly progress: number
  /** `Stage 2 of 3, 5% of the requests`. */
  readonly stage: string
  /** What takes it on. */
  readonly next: string
  /** What takes it back. */
  readonly back: string
}

export function canaryOutlook(traffic: CanaryTraffic, canary: CanaryReport): CanaryOutlook {
  const { stages } = traffic
  const { requests, atLeastMs } = stages[canary.stage]!
  const missing = Math.max(0, requests - canary.stageAnswers)
  const following = stages[canary.stage + 1]
  const goal = following ? `${formatPercent(following.share)} of the requests` : 'all requests'
  const waits = [
    missing > 0 ? `${formatCount(missing, 'more answer')} of the canary` : 'its next answer',
    ...(atLeastMs > 0 ? [`at least ${formatSpan(atLeastMs)} in this stage`] : []),
    ...(following ? [] : outcomesWaitedFor(traffic)),
  ]
  return {
    progress: requests === 0 ? 1 : Math.min(1, canary.stageAnswers / requests),
    stage: `Stage ${canary.stage + 1} of ${stages.length}, ${formatPercent(canary.share)} of the requests`,
    next: `It gets ${goal} after ${waits.join(', and ')}.`,
    back: `It is rolled back as soon as the evidence of one criterion reaches its limit: ${traffic.stable} then answers everything.`,
  }
}

const outcomesWaitedFor = ({ outcomes }: CanaryTraffic): string[] =>
  outcomes
    .filter(({ required }) => required > 0)
    .map(({ name, required }) => `${formatCount(required, 'outcome')} of ${name} in all`)

/**
 * Evidence that a canary is worse, from 0 (none) to 1 (the limit at which it is rolled back): on the scale of log(1/p), on which
 * evidence adds up.
 */
export function evidenceShare({ pValue, alpha }: { readonly pValue: number; readonly alpha: number }): number {
  if (pValue <= alpha) return 1
  return Math.max(0, Math.log(pValue) / Math.log(alpha))
}
