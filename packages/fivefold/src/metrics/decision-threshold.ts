import { FivefoldError } from '../core/index.ts'
import { hasBothSides, type RankedScores, rankScores } from './ranked-scores.ts'

export type ThresholdMetric = 'f1' | 'balancedAccuracy' | 'accuracy' | 'matthewsCorrelation'

export interface DecisionThreshold {
  /** Class 1 is predicted where its probability is at least this. */
  readonly threshold: number
  /** The metric at it, on the same rows: optimistic, not an estimate for new data. */
  readonly value: number
}

/**
 * The threshold that maximises a metric on validation rows, in one pass over the sorted scores. It lies midway between
 * the scores that it parts, and of equally good ones the nearest to 0.5 is taken. 0.5 where only one class occurs.
 * Throws METRIC_INPUT.
 */
export function decisionThreshold(scores: Float64Array, codes: Int32Array, metric: ThresholdMetric): DecisionThreshold {
  const ranked = rankScores(scores, codes)
  if (!(metric in AT_COUNTS)) throw new FivefoldError('METRIC_UNKNOWN', `no threshold can be chosen by '${metric}'`)
  if (!hasBothSides(ranked)) return { threshold: 0.5, value: valueAt(ranked, metric, groupsFrom(ranked, 0.5)) }
  let best: DecisionThreshold = { threshold: 1, value: Number.NEGATIVE_INFINITY }
  // Predicting no row as class 1 is a choice as well, as long as a probability is left above the highest score.
  for (let groups = ranked.thresholds[0]! < 1 ? 0 : 1; groups <= ranked.thresholds.length; groups++) {
    const value = valueAt(ranked, metric, groups)
    const threshold = between(ranked.thresholds, groups)
    const nearer = Math.abs(threshold - 0.5) < Math.abs(best.threshold - 0.5)
    if (value > best.value || (value === best.value && nearer)) best = { threshold, value }
  }
  return best
}

const AT_COUNTS: Record<ThresholdMetric, (hits: number, alarms: number, ranked: RankedScores) => number> = {
  f1: (hits, alarms, { positives }) => (2 * hits) / (positives + hits + alarms || 1),
  accuracy: (hits, alarms, { positives, negatives }) => (hits + negatives - alarms) / (positives + negatives || 1),
  balancedAccuracy: (hits, alarms, { positives, negatives }) =>
    (positives === 0 ? 0 : hits / positives / 2) + (negatives === 0 ? 0 : (negatives - alarms) / negatives / 2),
  matthewsCorrelation: (hits, alarms, { positives, negatives }) => {
    const flagged = hits + alarms
    const spread = flagged * (positives + negatives - flagged) * positives * negatives
    return spread === 0 ? 0 : (hits * negatives - alarms * positives) / Math.sqrt(spread)
  },
}

/** The metric where the first `groups` groups of scores are predicted to be class 1. */
function valueAt(ranked: RankedScores, metric: ThresholdMetric, groups: number): number {
  const hits = groups === 0 ? 0 : ranked.truePositives[groups - 1]!
  const alarms = groups === 0 ? 0 : ranked.falsePositives[groups - 1]!
  return AT_COUNTS[metric](hits, alarms, ranked)
}

function groupsFrom({ thresholds }: RankedScores, threshold: number): number {
  let groups = 0
  while (groups < thresholds.length && thresholds[groups]! >= threshold) groups++
  return groups
}

/** Midway, unless 0.5 itself parts the scores as well: a model that is fine at 0.5 keeps it. */
function between(thresholds: Float64Array, groups: number): number {
  const high = thresholds[groups - 1] ?? 1
  const low = thresholds[groups] ?? Math.min(0, high)
  if (low < 0.5 && 0.5 <= high) return 0.5
  const middle = low + (high - low) / 2
  return middle > low ? middle : high
}
