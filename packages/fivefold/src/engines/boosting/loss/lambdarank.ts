/** Gains are 2^grade - 1 and discounts 1 / log2(position + 1), positions from 1 (Järvelin and Kekäläinen, 2002). */
const gainOf = (grade: number): number => 2 ** grade - 1
const discountOf = (index: number): number => 1 / Math.log2(index + 2)

/** One query's rows: [begin, end). */
export interface Query {
  readonly begin: number
  readonly end: number
}

/** Keeps differences of score from deciding alone how much a pair matters; after LightGBM. */
const SCORE_DISTANCE_FLOOR = 0.01

/**
 * Gradients of LambdaMART (Burges, 2010): for each pair of different grade the logistic loss of their order, weighted
 * with the change of NDCG that swapping them would make, and normalised by query as in LightGBM. Adds to `gradients` and
 * `hessians`, which the caller has cleared.
 *
 * @param truncation only pairs with one of the first so many rows by score count
 */
export function addLambdas(
  query: Query,
  scores: Float32Array,
  grades: Float32Array,
  truncation: number,
  gradients: Float32Array,
  hessians: Float32Array,
): void {
  const order = orderByScore(query, scores)
  const ideal = idealGain(query, grades, truncation)
  if (ideal === 0) return
  const isSpread = scores[order[0]!] !== scores[order.at(-1)!]
  let total = 0
  for (let i = 0; i < Math.min(order.length - 1, truncation); i++) {
    for (let j = i + 1; j < order.length; j++) {
      if (grades[order[i]!] === grades[order[j]!]) continue
      const isRight = grades[order[i]!]! > grades[order[j]!]!
      const [high, low] = isRight ? [order[i]!, order[j]!] : [order[j]!, order[i]!]
      const distance = scores[high]! - scores[low]!
      const gain = gainOf(grades[high]!) - gainOf(grades[low]!)
      let change = (gain * (discountOf(i) - discountOf(j))) / ideal
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
  if (total > 0) scaleQuery(query, Math.log2(1 + total) / total, gradients, hessians)
}

function scaleQuery({ begin, end }: Query, factor: number, gradients: Float32Array, hessians: Float32Array): void {
  for (let row = begin; row < end; row++) {
    gradients[row]! *= factor
    hessians[row]! *= factor
  }
}

/** NDCG of one query at `cutoff`; 1 where no row is relevant, since any order is then ideal. */
export function ndcgOfQuery(
  query: Query,
  scores: ArrayLike<number>,
  grades: ArrayLike<number>,
  cutoff: number,
): number {
  const ideal = idealGain(query, grades, cutoff)
  if (ideal === 0) return 1
  const order = orderByScore(query, scores)
  let gained = 0
  for (let i = 0; i < Math.min(cutoff, order.length); i++) gained += gainOf(grades[order[i]!]!) * discountOf(i)
  return gained / ideal
}

/** Rows from the highest score down; equal scores in the order of the rows. */
function orderByScore({ begin, end }: Query, scores: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: end - begin }, (_, i) => begin + i).sort((a, b) => scores[b]! - scores[a]! || a - b)
}

function idealGain({ begin, end }: Query, grades: ArrayLike<number>, cutoff: number): number {
  const sorted = Float32Array.from({ length: end - begin }, (_, i) => grades[begin + i]!)
    .sort()
    .reverse()
  let gained = 0
  for (let i = 0; i < Math.min(cutoff, sorted.length); i++) gained += gainOf(sorted[i]!) * discountOf(i)
  return gained
}
