export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const e = Math.exp(x)
  return e / (1 + e)
}

/** Scores to probabilities, in place, for `count` values from `start`. Returns log(sum(exp(scores))). */
export function softmaxInPlace(values: Float64Array, start: number, count: number): number {
  let highest = Number.NEGATIVE_INFINITY
  for (let k = 0; k < count; k++) if (values[start + k]! > highest) highest = values[start + k]!
  let total = 0
  for (let k = 0; k < count; k++) {
    const e = Math.exp(values[start + k]! - highest)
    values[start + k] = e
    total += e
  }
  for (let k = 0; k < count; k++) values[start + k]! /= total
  return highest + Math.log(total)
}

/** Loss of a row for each kind of target; turns scores into residuals (derivative of the loss by the score). */
export interface RowLoss {
  /** Adds up losses of `count` rows from row `from`; `scores` holds `stride` values a score and becomes residuals. */
  residuals(scores: Float64Array, stride: number, from: number, count: number): number
}

export interface LossInput {
  readonly kind: 'binary' | 'multinomial' | 'regression'
  /** Class codes, or values; absent stands for zeros. */
  readonly target: Int32Array | Float64Array | undefined
  readonly weights: Float32Array | undefined
  readonly scoreCount: number
}

export function createRowLoss(input: LossInput): RowLoss {
  if (input.kind === 'binary') return binaryLoss(input)
  return input.kind === 'regression' ? squaredLoss(input) : softmaxLoss(input)
}

function binaryLoss({ target, weights }: LossInput): RowLoss {
  return {
    residuals(scores, _stride, from, count) {
      let loss = 0
      for (let i = 0; i < count; i++) {
        const score = scores[i]!
        const y = target![from + i]!
        const weight = weights ? weights[from + i]! : 1
        // One exponential gives both the loss and the probability.
        const e = Math.exp(score > 0 ? -score : score)
        loss += weight * (Math.max(score, 0) + Math.log1p(e) - y * score)
        scores[i] = weight * ((score > 0 ? 1 : e) / (1 + e) - y)
      }
      return loss
    },
  }
}

function squaredLoss({ target, weights }: LossInput): RowLoss {
  return {
    residuals(scores, _stride, from, count) {
      let loss = 0
      for (let i = 0; i < count; i++) {
        const residual = target ? scores[i]! - target[from + i]! : scores[i]!
        const weight = weights ? weights[from + i]! : 1
        loss += 0.5 * weight * residual * residual
        scores[i] = weight * residual
      }
      return loss
    },
  }
}

function softmaxLoss({ target, weights, scoreCount }: LossInput): RowLoss {
  const row = new Float64Array(scoreCount)
  return {
    residuals(scores, stride, from, count) {
      let loss = 0
      for (let i = 0; i < count; i++) {
        for (let k = 0; k < scoreCount; k++) row[k] = scores[k * stride + i]!
        const code = target![from + i]!
        const own = row[code]!
        const weight = weights ? weights[from + i]! : 1
        loss += weight * (softmaxInPlace(row, 0, scoreCount) - own)
        row[code]! -= 1
        for (let k = 0; k < scoreCount; k++) scores[k * stride + i] = weight * row[k]!
      }
      return loss
    },
  }
}
