import { createQueryOrder, type Query } from './query-order.ts'

/** 2^31 would be the gain of a higher one, and no judge grades so finely. */
export const MAX_RELEVANCE = 31
/** Gains are 2^grade - 1 and discounts 1 / log2(position + 1), positions from 1 (Järvelin and Kekäläinen, 2002). */
const GAINS = Float64Array.from({ length: MAX_RELEVANCE + 1 }, (_, grade) => 2 ** grade - 1)
const KNOWN_DISCOUNTS = Float64Array.from({ length: 1024 }, (_, index) => 1 / Math.log2(index + 2))
const discountOf = (index: number): number => KNOWN_DISCOUNTS[index] ?? 1 / Math.log2(index + 2)

/** Keeps differences of score from deciding alone how much a pair matters; after LightGBM. */
const SCORE_DISTANCE_FLOOR = 0.01

/** Gradients and NDCG of queries. Grades are whole numbers up to MAX_RELEVANCE. */
export interface Ranking {
  /**
   * Gradients of LambdaMART (Burges, 2010): for each pair of different grade the logistic loss of their order, weighted
   * with the change of NDCG that swapping them would make, and normalised by query as in LightGBM. Adds to `gradients`
   * and `hessians`, which the caller has cleared.
   *
   * @param truncation only pairs with one of the first so many rows by score count
   */
  addLambdas(
    query: Query,
    scores: Float32Array,
    grades: Float32Array,
    truncation: number,
    gradients: Float32Array,
    hessians: Float32Array,
  ): void
  /** NDCG of one query at `cutoff`; 1 where no row is relevant, since any order is then ideal. */
  ndcg(query: Query, scores: ArrayLike<number>, grades: ArrayLike<number>, cutoff: number): number
}

/** Holds the room that sorting takes, so that nothing is allocated for a query. */
export function createRanking(): Ranking {
  const orderByScore = createQueryOrder()
  const rowsOfGrade = new Uint32Array(MAX_RELEVANCE + 1)
  const idealGain = ({ begin, end }: Query, grades: ArrayLike<number>, cutoff: number): number => {
    rowsOfGrade.fill(0)
    for (let row = begin; row < end; row++) rowsOfGrade[grades[row]!]!++
    let gained = 0
    let position = 0
    for (let grade = MAX_RELEVANCE; grade > 0; grade--)
      for (let i = 0; i < rowsOfGrade[grade]! && position < cutoff; i++)
        gained += GAINS[grade]! * discountOf(position++)
    return gained
  }
  return {
    addLambdas: (query, scores, grades, truncation, gradients, hessians) => {
      const ideal = idealGain(query, grades, truncation)
      if (ideal === 0) return
      const order = orderByScore(query, scores)
      const total = addPairs(query, order, scores, grades, truncation, ideal, gradients, hessians)
      if (total > 0) scaleQuery(query, Math.log2(1 + total) / total, gradients, hessians)
    },
    ndcg: (query, scores, grades, cutoff) => {
      const ideal = idealGain(query, grades, cutoff)
      if (ideal === 0) return 1
      const order = orderByScore(query, scores)
      const seen = Math.min(cutoff, query.end - query.begin)
      let gained = 0
      for (let i = 0; i < seen; i++) gained += GAINS[grades[order[i]!]!]! * discountOf(i)
      return gained / ideal
    },
  }
}

/** Returns the sum of the pairs' lambdas, of both rows. */
function addPairs(
  { begin, end }: Query,
  order: Uint32Array,
  scores: Float32Array,
  grades: Float32Array,
  truncation: number,
  ideal: number,
  gradients: Float32Array,
  hessians: Float32Array,
): number {
  const size = end - begin
  const isSpread = scores[order[0]!] !== scores[order[size - 1]!]
  let total = 0
  for (let i = 0; i < Math.min(size - 1, truncation); i++) {
    const first = order[i]!
    const grade = grades[first]!
    for (let j = i + 1; j < size; j++) {
      const second = order[j]!
      const other = grades[second]!
      if (grade === other) continue
      const isRight = grade > other
      const high = isRight ? first : second
      const low = isRight ? second : first
      const distance = scores[high]! - scores[low]!
      let change = (Math.abs(GAINS[grade]! - GAINS[other]!) * (discountOf(i) - discountOf(j))) / ideal
      if (isSpread) change /= SCORE_DISTANCE_FLOOR + Math.abs(distance)
      const wrong = 1 / (1 + Math.exp(distance))
      const lambda = wrong * change
      const curvature = wrong * (1 - wrong) * change
      gradients[high]! -= lambda
      gradients[low]! += lambda
      hessians[high]! += curvature
      hessians[low]! += curvature
      total += 2 * lambda
    }
  }
  return total
}

function scaleQuery({ begin, end }: Query, factor: number, gradients: Float32Array, hessians: Float32Array): void {
  for (let row = begin; row < end; row++) {
    gradients[row]! *= factor
    hessians[row]! *= factor
  }
}
