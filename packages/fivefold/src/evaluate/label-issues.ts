import { FivefoldError } from '../core/index.ts'
import type { Target } from '../data/index.ts'
import type { RowName } from './row-names.ts'

/** A row whose label the model, trained without it, confidently contradicts. */
export interface LabelIssue extends RowName {
  readonly row: number
  readonly given: string
  readonly suggested: string
  readonly givenProbability: number
  readonly suggestedProbability: number
}

export interface LabelIssues {
  /** Most suspicious first. */
  readonly issues: readonly LabelIssue[]
  /** Share of rows that are suspected. */
  readonly share: number
  /** The column whose values are the ids of rows. */
  readonly idColumn?: string
}

/**
 * Suspected mislabelled rows by confident learning (Northcutt, Jiang and Chuang, 2021): a row counts for class k where
 * its probability reaches the mean that rows labelled k get; rows that count for another class than their label are
 * suspected, ranked by the margin between the two. The probabilities must come from models that did not see the row
 * (cross-validation), row-major [rows x classes]. Throws METRIC_INPUT.
 */
export function labelIssues(target: Target, outOfFoldProbabilities: Float64Array): LabelIssues {
  if (target.kind !== 'classes') throw new FivefoldError('METRIC_INPUT', 'only labels of classes can be mistaken')
  const { classes, codes } = target
  const width = classes.length
  if (outOfFoldProbabilities.length !== codes.length * width)
    throw new FivefoldError('METRIC_INPUT', `${codes.length} rows of ${width} classes need as many probabilities each`)
  const thresholds = selfConfidence(codes, outOfFoldProbabilities, width)
  const issues: LabelIssue[] = []
  for (let row = 0; row < codes.length; row++) {
    const given = codes[row]!
    const suggested = confidentClass(outOfFoldProbabilities, row * width, thresholds)
    if (suggested < 0 || suggested === given) continue
    issues.push({
      row,
      given: classes[given]!,
      suggested: classes[suggested]!,
      givenProbability: outOfFoldProbabilities[row * width + given]!,
      suggestedProbability: outOfFoldProbabilities[row * width + suggested]!,
    })
  }
  const margin = (issue: LabelIssue): number => issue.suggestedProbability - issue.givenProbability
  issues.sort((a, b) => margin(b) - margin(a) || a.row - b.row)
  return { issues, share: codes.length === 0 ? 0 : issues.length / codes.length }
}

/** Mean probability of each class over the rows labelled with it; infinite for a class without rows. */
function selfConfidence(codes: Int32Array, probabilities: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(width)
  const counts = new Float64Array(width)
  codes.forEach((code, row) => {
    sums[code]! += probabilities[row * width + code]!
    counts[code]!++
  })
  return sums.map((sum, k) => (counts[k]! > 0 ? sum / counts[k]! : Number.POSITIVE_INFINITY))
}

/** The most probable of the classes that reach their threshold; -1 where none does. */
function confidentClass(probabilities: Float64Array, start: number, thresholds: Float64Array): number {
  let best = -1
  let highest = -1
  thresholds.forEach((threshold, k) => {
    const probability = probabilities[start + k]!
    if (probability >= threshold && probability > highest) {
      best = k
      highest = probability
    }
  })
  return best
}
