import { type Context, forkContext, type Rng } from '../../core/index.ts'
import { argsortDescending, type MetricValue, quantileOfSorted } from '../../metrics/index.ts'
import type { PerformanceDrift } from './drift-report.ts'
import { applyIsotonic, fitIsotonic } from './isotonic.ts'

const REPLICATES = 200
/** More rows would only make intervals that are narrow already narrower. */
const MAX_ROWS = 20_000

/** Class codes and probabilities; row-major, with the code that was decided for each row. */
export interface ScoredRows {
  readonly classCount: number
  readonly probabilities: Float64Array
  readonly predicted: Int32Array
  readonly codes?: Int32Array
}

type Estimated = NonNullable<PerformanceDrift['estimated']>

/**
 * Confidence-based performance estimation (Kuberski, Kurczuk, Perrakis and Wójcik, NannyML, 2022): a row whose
 * calibrated probability is c is right with probability c, so that expected accuracy and ROC AUC need no labels.
 * Probabilities are calibrated by isotonic regression on the reference where its labels are given. The 95% interval
 * resamples the current rows, draws their labels, and resamples the reference that calibration was learned from.
 * Holds as long as the relation between columns and target has not changed. ROC AUC for two classes only.
 */
export function estimatePerformance(
  reference: ScoredRows | undefined,
  current: ScoredRows,
  context: Context,
): Estimated {
  const { rng } = forkContext(context, 'performance')
  const twoClasses = current.classCount === 2
  const score = twoClasses ? positive : confidence
  const outcomes = reference && (twoClasses ? positiveRows : rightRows)(reference)
  const calibration = reference && outcomes && sortScores(reference, score, outcomes)
  const sorted = sortScores(current, score)
  const accuracy = estimate(calibration, sorted, twoClasses ? decidedRight : outcomeHappened, rng)
  const rocAuc = twoClasses ? estimate(calibration, sorted, softAuc, rng) : undefined
  return { ...(accuracy ? { accuracy } : {}), ...(rocAuc ? { rocAuc } : {}) }
}

/** Ascending scores with the decision and, where it is known, the outcome of each row. */
interface SortedScores {
  readonly scores: Float64Array
  readonly decided: Uint8Array
  readonly outcomes?: Float64Array
}

/** A metric over ascending scores: `positives[i]` and `negatives[i]` are the (expected) rows of either outcome. */
type Measure = (sorted: SortedScores, positives: Float64Array, negatives: Float64Array) => number

function estimate(
  reference: SortedScores | undefined,
  current: SortedScores,
  measure: Measure,
  rng: Rng,
): MetricValue | undefined {
  if (current.scores.length === 0) return undefined
  const value = expectedMetric(current, calibrate(reference, current.scores), measure)
  if (Number.isNaN(value)) return undefined
  const replicates = new Float64Array(REPLICATES)
  for (let r = 0; r < REPLICATES; r++) {
    const weights = reference?.outcomes ? resample(reference.scores.length, rng) : undefined
    replicates[r] = drawnMetric(current, calibrate(reference, current.scores, weights), measure, rng)
  }
  const sorted = replicates.filter((replicate) => !Number.isNaN(replicate)).sort()
  if (sorted.length < REPLICATES / 2) return undefined
  return {
    value,
    low: Math.min(value, quantileOfSorted(sorted, 0.025)),
    high: Math.max(value, quantileOfSorted(sorted, 0.975)),
  }
}

function calibrate(reference: SortedScores | undefined, scores: Float64Array, weights?: Float64Array): Float64Array {
  if (reference?.outcomes === undefined) return scores
  const all = weights ?? new Float64Array(reference.scores.length).fill(1)
  return applyIsotonic(fitIsotonic(reference.scores, reference.outcomes, all), scores)
}

function expectedMetric(sorted: SortedScores, chances: Float64Array, measure: Measure): number {
  return measure(
    sorted,
    chances,
    chances.map((chance) => 1 - chance),
  )
}

function drawnMetric(sorted: SortedScores, chances: Float64Array, measure: Measure, rng: Rng): number {
  const times = resample(chances.length, rng)
  const positives = new Float64Array(chances.length)
  for (let i = 0; i < chances.length; i++)
    for (let t = 0; t < times[i]!; t++) if (rng.next() < chances[i]!) positives[i]!++
  return measure(
    sorted,
    positives,
    times.map((count, i) => count - positives[i]!),
  )
}

/** How often each row is drawn by a bootstrap sample. */
function resample(rows: number, rng: Rng): Float64Array {
  const times = new Float64Array(rows)
  for (let i = 0; i < rows; i++) times[rng.int(rows)]!++
  return times
}

/** Accuracy where the score is that of class 1: a decision for it is right where the row is positive. */
const decidedRight: Measure = ({ decided }, positives, negatives) => {
  let right = 0
  let all = 0
  for (let i = 0; i < positives.length; i++) {
    right += decided[i] === 1 ? positives[i]! : negatives[i]!
    all += positives[i]! + negatives[i]!
  }
  return right / all
}

/** Accuracy where the score is that of the decided class, and the outcome whether the decision was right. */
const outcomeHappened: Measure = (_, positives, negatives) => {
  const right = positives.reduce((sum, count) => sum + count, 0)
  return right / (right + negatives.reduce((sum, count) => sum + count, 0))
}

/** Share of positive-negative pairs of different rows in the right order, ties counting half; NaN without such pairs. */
const softAuc: Measure = ({ scores }, positives, negatives) => {
  let ordered = 0
  let selfPairs = 0
  let [positivesBelow, negativesBelow] = [0, 0]
  for (let start = 0; start < scores.length; ) {
    let [groupPositives, groupNegatives] = [0, 0]
    let end = start
    for (; end < scores.length && scores[end] === scores[start]; end++) {
      groupPositives += positives[end]!
      groupNegatives += negatives[end]!
      selfPairs += positives[end]! * negatives[end]!
    }
    ordered += groupPositives * (negativesBelow + groupNegatives / 2)
    positivesBelow += groupPositives
    negativesBelow += groupNegatives
    start = end
  }
  const pairs = positivesBelow * negativesBelow - selfPairs
  return pairs > 0 ? (ordered - selfPairs / 2) / pairs : Number.NaN
}

function sortScores(
  rows: ScoredRows,
  score: (rows: ScoredRows, row: number) => number,
  outcomes?: Float64Array,
): SortedScores {
  const step = Math.ceil(rows.predicted.length / MAX_ROWS)
  const kept = Int32Array.from({ length: Math.floor((rows.predicted.length + step - 1) / step) }, (_, i) => i * step)
  const scores = Float64Array.from(kept, (row) => score(rows, row))
  const order = argsortDescending(scores).reverse()
  return {
    scores: Float64Array.from(order, (i) => scores[i]!),
    decided: Uint8Array.from(order, (i) => (rows.predicted[kept[i]!] === 1 ? 1 : 0)),
    ...(outcomes ? { outcomes: Float64Array.from(order, (i) => outcomes[kept[i]!]!) } : {}),
  }
}

/** Probability of the class that was decided. */
function confidence({ probabilities, classCount, predicted }: ScoredRows, row: number): number {
  return probabilities[row * classCount + predicted[row]!]!
}

function positive({ probabilities }: ScoredRows, row: number): number {
  return probabilities[2 * row + 1]!
}

function rightRows({ codes, predicted }: ScoredRows): Float64Array | undefined {
  return codes && Float64Array.from(codes, (code, row) => (code === predicted[row] ? 1 : 0))
}

function positiveRows({ codes }: ScoredRows): Float64Array | undefined {
  return codes && Float64Array.from(codes, (code) => (code === 1 ? 1 : 0))
}
