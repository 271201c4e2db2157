/** Rows of features, row-major, with their width. */
export interface DiscriminantData {
  readonly features: Float64Array
  readonly width: number
  /** 0 or 1 for each row. */
  readonly labels: Uint8Array
}

/**
 * Direction that separates two classes best: ridge least squares on centred labels, which for two classes is Fisher's
 * linear discriminant (Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, exercise 4.2).
 * Closed form: no iterations, no step size.
 */
export function fitDiscriminant({ features, width, labels }: DiscriminantData): Float64Array {
  const rows = labels.length
  const centre = columnMeans(features, width)
  const positiveShare = labels.reduce((sum, label) => sum + label, 0) / rows
  const gram = new Float64Array(width * width)
  const moment = new Float64Array(width)
  const row = new Float64Array(width)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) row[j] = features[i * width + j]! - centre[j]!
    const residual = labels[i]! - positiveShare
    for (let j = 0; j < width; j++) {
      const x = row[j]!
      if (x === 0) continue
      moment[j]! += x * residual
      for (let k = 0; k <= j; k++) gram[j * width + k]! += x * row[k]!
    }
  }
  // A hundredth of a row's weight for each row: keeps the system solvable where features are equal.
  for (let j = 0; j < width; j++) gram[j * width + j]! += 0.01 * rows
  return solvePositiveDefinite(gram, moment, width)
}

export function discriminantScores(weights: Float64Array, features: Float64Array): Float64Array {
  const width = weights.length
  const scores = new Float64Array(features.length / width)
  for (let i = 0; i < scores.length; i++) {
    let score = 0
    for (let j = 0; j < width; j++) score += weights[j]! * features[i * width + j]!
    scores[i] = score
  }
  return scores
}

function columnMeans(features: Float64Array, width: number): Float64Array {
  const means = new Float64Array(width)
  const rows = features.length / width
  for (let i = 0; i < features.length; i++) means[i % width]! += features[i]! / rows
  return means
}

/** Cholesky; `gram` holds the lower triangle and is overwritten. */
function solvePositiveDefinite(gram: Float64Array, right: Float64Array, width: number): Float64Array {
  for (let j = 0; j < width; j++) {
    for (let i = j; i < width; i++) {
      let sum = gram[i * width + j]!
      for (let k = 0; k < j; k++) sum -= gram[i * width + k]! * gram[j * width + k]!
      gram[i * width + j] = i === j ? Math.sqrt(sum) : sum / gram[j * width + j]!
    }
  }
  const solution = Float64Array.from(right)
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < i; k++) solution[i]! -= gram[i * width + k]! * solution[k]!
    solution[i]! /= gram[i * width + i]!
  }
  for (let i = width - 1; i >= 0; i--) {
    for (let k = i + 1; k < width; k++) solution[i]! -= gram[k * width + i]! * solution[k]!
    solution[i]! /= gram[i * width + i]!
  }
  return solution
}
