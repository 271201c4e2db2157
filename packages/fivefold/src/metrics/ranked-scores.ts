import { FivefoldError } from '../core/index.ts'
import { argsortDescending } from './argsort.ts'
import { checkFinite } from './samples.ts'

/**
 * Scores of one class against the rest, sorted once. Rows of equal score form one group, so nothing that is computed
 * from it depends on the order of ties. Group 0 has the highest score.
 */
export interface RankedScores {
  /** Row numbers by descending score. */
  readonly order: Uint32Array
  /** 1 for positive rows, by row number. */
  readonly isPositive: Uint8Array
  /** Position in `order` after the last row of each group. */
  readonly groupEnds: Uint32Array
  /** Score of each group. */
  readonly thresholds: Float64Array
  /** Positive and negative rows with this score or a higher one, for each group. */
  readonly truePositives: Float64Array
  readonly falsePositives: Float64Array
  readonly positives: number
  readonly negatives: number
}

/** Ranks `scores` for the rows whose code is `positive` against all others. O(n). Throws METRIC_INPUT. */
export function rankScores(scores: Float64Array, codes: Int32Array, positive = 1): RankedScores {
  if (scores.length !== codes.length)
    throw new FivefoldError('METRIC_INPUT', `${scores.length} scores for ${codes.length} rows`)
  checkFinite('score', scores)
  const order = argsortDescending(scores)
  const groups = countGroups(scores, order)
  const groupEnds = new Uint32Array(groups)
  const thresholds = new Float64Array(groups)
  const truePositives = new Float64Array(groups)
  const falsePositives = new Float64Array(groups)
  const isPositive = Uint8Array.from(codes, (code) => (code === positive ? 1 : 0))
  let group = 0
  let positives = 0
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!
    positives += isPositive[row]!
    if (i + 1 < order.length && scores[order[i + 1]!] === scores[row]) continue
    groupEnds[group] = i + 1
    thresholds[group] = scores[row]!
    truePositives[group] = positives
    falsePositives[group] = i + 1 - positives
    group++
  }
  const negatives = order.length - positives
  return { order, isPositive, groupEnds, thresholds, truePositives, falsePositives, positives, negatives }
}

function countGroups(scores: Float64Array, order: Uint32Array): number {
  let groups = order.length > 0 ? 1 : 0
  for (let i = 1; i < order.length; i++) if (scores[order[i]!] !== scores[order[i - 1]!]) groups++
  return groups
}

/** Whether both sides are there; without them no ranking metric is defined. */
export function hasBothSides(ranked: RankedScores): boolean {
  return ranked.positives > 0 && ranked.negatives > 0
}

/** Area under the ROC curve: the share of positive-negative pairs in the right order, ties counting half. */
export function areaUnderRoc({ truePositives, falsePositives, positives, negatives }: RankedScores): number {
  let area = 0
  let hits = 0
  let alarms = 0
  for (let g = 0; g < truePositives.length; g++) {
    area += (falsePositives[g]! - alarms) * (hits + truePositives[g]!) * 0.5
    hits = truePositives[g]!
    alarms = falsePositives[g]!
  }
  return area / (positives * negatives)
}

/** Average precision: the sum of precision times gain in recall over descending thresholds, without interpolation. */
export function averagePrecision({ truePositives, falsePositives, positives }: RankedScores): number {
  let sum = 0
  let hits = 0
  for (let g = 0; g < truePositives.length; g++) {
    const precision = truePositives[g]! / (truePositives[g]! + falsePositives[g]!)
    sum += precision * (truePositives[g]! - hits)
    hits = truePositives[g]!
  }
  return sum / positives
}
