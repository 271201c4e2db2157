import { averageLinearised, type Linearised } from './linearised.ts'
import { areaUnderRoc, averagePrecision, hasBothSides, type RankedScores, rankScores } from './ranked-scores.ts'
import { type ClassificationSample, classScores } from './samples.ts'

export type RankingMetricName = 'rocAuc' | 'prAuc'

/**
 * Ranking metric of class 1 against class 0, or for more classes the mean over each class against the rest (classes
 * that do not occur, or alone occur, are left out). Undefined where no class has both positive and negative rows.
 */
export function rankingMetric(name: RankingMetricName, sample: ClassificationSample): Linearised | undefined {
  const linearise = name === 'rocAuc' ? linearisedRocAuc : linearisedAveragePrecision
  return averageLinearised(rankedClasses(sample).map((ranked) => linearise(ranked)))
}

/** The value alone, for loops over candidates. */
export function rankingMetricValue(name: RankingMetricName, sample: ClassificationSample): number | undefined {
  const values = rankedClasses(sample).map(name === 'rocAuc' ? areaUnderRoc : averagePrecision)
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Class 1 for two classes; each class against the rest for more; only those with rows on both sides. */
function rankedClasses({ codes, probabilities, classCount }: ClassificationSample): RankedScores[] {
  const classes = classCount === 2 ? [1] : Array.from({ length: classCount }, (_, k) => k)
  return classes
    .map((klass) => rankScores(classScores(probabilities, classCount, klass), codes, klass))
    .filter(hasBothSides)
}

/**
 * AUC with the structural components of DeLong, DeLong and Clarke-Pearson (1988), from ranks as in Sun and Xu (2014),
 * O(n) after sorting. Effects are scaled so that their squares sum to DeLong's variance with its n - 1 denominators.
 */
export function linearisedRocAuc(ranked: RankedScores): Linearised {
  const { truePositives, falsePositives, positives, negatives } = ranked
  const value = areaUnderRoc(ranked)
  const ofPositive = unbiased(positives)
  const ofNegative = unbiased(negatives)
  return spreadOverRows(ranked, value, (g) => {
    const alarmsBefore = g === 0 ? 0 : falsePositives[g - 1]!
    const hitsBefore = g === 0 ? 0 : truePositives[g - 1]!
    const below = negatives - (falsePositives[g]! + alarmsBefore) / 2
    const above = (truePositives[g]! + hitsBefore) / 2
    return {
      positive: (below / negatives - value) * ofPositive,
      negative: (above / positives - value) * ofNegative,
    }
  })
}

const unbiased = (count: number): number => 1 / Math.sqrt(count * Math.max(1, count - 1))

/**
 * Average precision with its empirical influence function. With A(t) and B(t) the counts of positive and of all rows at
 * or above t, AP = mean over positives of A/B; a row at s moves it by its own A(s)/B(s) and by what it adds to A and B
 * at each positive's threshold t <= s: (y - A/B) / B.
 */
export function linearisedAveragePrecision(ranked: RankedScores): Linearised {
  const { truePositives, falsePositives, positives } = ranked
  const value = averagePrecision(ranked)
  const groups = truePositives.length
  const inverse = new Float64Array(groups + 1)
  const weighted = new Float64Array(groups + 1)
  for (let g = groups - 1; g >= 0; g--) {
    const all = truePositives[g]! + falsePositives[g]!
    const hits = truePositives[g]! - (g === 0 ? 0 : truePositives[g - 1]!)
    inverse[g] = inverse[g + 1]! + hits / all
    weighted[g] = weighted[g + 1]! + (hits / all) * (truePositives[g]! / all)
  }
  return spreadOverRows(ranked, value, (g) => {
    const precision = truePositives[g]! / (truePositives[g]! + falsePositives[g]!)
    return {
      positive: (precision - value + inverse[g]! - weighted[g]!) / positives,
      negative: -weighted[g]! / positives,
    }
  })
}

function spreadOverRows(
  ranked: RankedScores,
  value: number,
  effectsOf: (group: number) => { positive: number; negative: number },
): Linearised {
  const effects = new Float64Array(ranked.order.length)
  let position = 0
  for (let g = 0; g < ranked.groupEnds.length; g++) {
    const { positive, negative } = effectsOf(g)
    for (; position < ranked.groupEnds[g]!; position++) {
      const row = ranked.order[position]!
      effects[row] = ranked.isPositive[row] === 1 ? positive : negative
    }
  }
  return { value, effects }
}
