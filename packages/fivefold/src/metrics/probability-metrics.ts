import type { ClassificationSample } from './samples.ts'

const SMALLEST_PROBABILITY = Number.EPSILON

/** -ln of the probability given to the true class, in nats, probabilities kept at least 2.2e-16 away from 0. */
export function logLossOfRows({ codes, probabilities, classCount }: ClassificationSample): Float64Array {
  const losses = new Float64Array(codes.length)
  for (let i = 0; i < losses.length; i++) {
    const probability = probabilities[i * classCount + codes[i]!]!
    losses[i] = -Math.log(Math.min(1, Math.max(SMALLEST_PROBABILITY, probability)))
  }
  return losses
}

/**
 * Squared error of the probabilities. Two classes: (p - y)² of class 1, in [0, 1]. More classes: summed over the classes,
 * in [0, 2] (Brier, 1950).
 */
export function brierOfRows({ codes, probabilities, classCount }: ClassificationSample): Float64Array {
  const losses = new Float64Array(codes.length)
  for (let i = 0; i < losses.length; i++) {
    let sum = 0
    for (let k = classCount === 2 ? 1 : 0; k < classCount; k++) {
      const error = probabilities[i * classCount + k]! - (codes[i] === k ? 1 : 0)
      sum += error * error
    }
    losses[i] = sum
  }
  return losses
}
