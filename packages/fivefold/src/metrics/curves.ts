import { hasBothSides, type RankedScores, rankScores } from './ranked-scores.ts'

export interface RocPoint {
  readonly falsePositiveRate: number
  readonly truePositiveRate: number
  readonly threshold: number
}

export interface PrPoint {
  readonly recall: number
  readonly precision: number
  readonly threshold: number
}

/** Points of a curve drawn; more would be below a pixel. */
export const CURVE_POINTS = 200

/** ROC curve of class 1, from (0, 0) to (1, 1), at most `points`, spread evenly along it. Empty where one class is missing. */
export function rocCurve(scores: Float64Array, codes: Int32Array, points = CURVE_POINTS): RocPoint[] {
  return rocOfRanked(rankScores(scores, codes), points)
}

export function rocOfRanked(ranked: RankedScores, points = CURVE_POINTS): RocPoint[] {
  if (!hasBothSides(ranked)) return []
  const x = (g: number): number => ranked.falsePositives[g]! / ranked.negatives
  const y = (g: number): number => ranked.truePositives[g]! / ranked.positives
  const drawn = spreadAlong(ranked.thresholds.length, points - 1, x, y).map((g) => ({
    falsePositiveRate: x(g),
    truePositiveRate: y(g),
    threshold: ranked.thresholds[g]!,
  }))
  return [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: Math.max(1, drawn[0]!.threshold) }, ...drawn]
}

/** Precision over recall of class 1, by rising recall, at most `points`. Empty where one class is missing. */
export function prCurve(scores: Float64Array, codes: Int32Array, points = CURVE_POINTS): PrPoint[] {
  return prOfRanked(rankScores(scores, codes), points)
}

export function prOfRanked(ranked: RankedScores, points = CURVE_POINTS): PrPoint[] {
  if (!hasBothSides(ranked)) return []
  const { truePositives, falsePositives, positives, thresholds } = ranked
  const recall = (g: number): number => truePositives[g]! / positives
  const precision = (g: number): number => truePositives[g]! / (truePositives[g]! + falsePositives[g]!)
  return spreadAlong(thresholds.length, points, recall, precision).map((g) => ({
    recall: recall(g),
    precision: precision(g),
    threshold: thresholds[g]!,
  }))
}

/** Indexes of at most `limit` of `count` points, first and last among them, at even steps of the way |dx| + |dy|. */
function spreadAlong(count: number, limit: number, x: (i: number) => number, y: (i: number) => number): number[] {
  if (count <= limit) return Array.from({ length: count }, (_, i) => i)
  const way = new Float64Array(count)
  for (let i = 1; i < count; i++) way[i] = way[i - 1]! + Math.abs(x(i) - x(i - 1)) + Math.abs(y(i) - y(i - 1))
  const step = way[count - 1]! / (limit - 1)
  const chosen = [0]
  for (let i = 1; i < count - 1 && chosen.length < limit - 1; i++) if (way[i]! >= chosen.length * step) chosen.push(i)
  return [...chosen, count - 1]
}
