import { FivefoldError } from '../../core/index.ts'
import { logGamma, logIncompleteBeta } from '../special-functions.ts'
import { checkAlpha } from './normal-mixture.ts'

/** Beta distribution over the probability under the alternative. */
export interface BetaPrior {
  readonly a: number
  readonly b: number
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)

/**
 * Log evidence that the probability of a success is not `probability`: likelihood under a beta mixture over that under
 * `probability` (Robbins, 1970; Lindon and Malek, 2022). Exact at any number of trials: as long as the probability is that one,
 * the evidence exceeds log(1/α) at any time with probability α at most.
 */
export function binomialEvidence(successes: number, trials: number, probability: number, prior: BetaPrior): number {
  const failures = trials - successes
  return (
    logBeta(prior.a + successes, prior.b + failures) -
    logBeta(prior.a, prior.b) -
    logLikelihood(successes, failures, probability)
  )
}

/**
 * Log evidence that the probability of a success is above `probability`: the mixture runs over what lies above alone. Exact for
 * every probability up to `probability`, also where it changes from trial to trial.
 */
export function evidenceOfExcess(successes: number, trials: number, probability: number, prior: BetaPrior): number {
  const failures = trials - successes
  const evidence = binomialEvidence(successes, trials, probability, prior)
  return (
    evidence +
    logShareAbove(probability, prior.a + successes, prior.b + failures) -
    logShareAbove(probability, prior.a, prior.b)
  )
}

function logLikelihood(successes: number, failures: number, probability: number): number {
  return weighted(successes, Math.log(probability)) + weighted(failures, Math.log1p(-probability))
}

const weighted = (count: number, log: number): number => (count === 0 ? 0 : count * log)

/** Log of the share of a beta distribution above x. */
const logShareAbove = (x: number, a: number, b: number): number => logIncompleteBeta(b, a, 1 - x)

/** A prior as sure as that many trials, around a probability. */
export function priorAround(probability: number, trials: number): BetaPrior {
  return { a: Math.max(trials * probability, 0.5), b: Math.max(trials * (1 - probability), 0.5) }
}

/**
 * The smallest and the largest number of successes among `trials` that do not contradict `probability` at level 1 - `alpha`, at
 * all numbers of trials at once.
 */
export function consistentSuccesses(
  trials: number,
  probability: number,
  alpha: number,
  prior: BetaPrior,
): { readonly fewest: number; readonly most: number } {
  checkAlpha(alpha)
  const limit = Math.log(1 / alpha)
  const isConsistent = (successes: number): boolean => binomialEvidence(successes, trials, probability, prior) < limit
  const middle = leastEvident(trials, probability, prior)
  return {
    fewest: firstTrue(0, middle, isConsistent),
    most: trials - firstTrue(0, trials - middle, (below) => isConsistent(trials - below)),
  }
}

/** Evidence is convex in the successes: its least is where one success more changes its sign. */
function leastEvident(trials: number, probability: number, prior: BetaPrior): number {
  const grows = (successes: number): boolean =>
    successes >= trials ||
    binomialEvidence(successes + 1, trials, probability, prior) >=
      binomialEvidence(successes, trials, probability, prior)
  return firstTrue(0, trials, grows)
}

/** The smallest whole number in [low, high] with a property that holds from there on, and at `high`. */
function firstTrue(low: number, high: number, holds: (value: number) => boolean): number {
  let from = low
  let to = high
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (holds(middle)) to = middle
    else from = middle + 1
  }
  return to
}

/**
 * Interval that contains a proportion at all numbers of trials at once, with probability 1 - `alpha`: the probabilities that the
 * beta mixture (uniform by default) does not contradict. Exact (Robbins, 1970; Howard et al., 2021).
 *
 * @throws METRIC_INPUT, OPTION_INVALID
 */
export function proportionSequence(
  successes: number,
  trials: number,
  alpha = 0.05,
  prior: BetaPrior = { a: 1, b: 1 },
): { readonly value: number; readonly low: number; readonly high: number } {
  checkAlpha(alpha)
  if (!(successes >= 0 && successes <= trials))
    throw new FivefoldError('METRIC_INPUT', `${successes} successes in ${trials} trials`)
  const value = trials === 0 ? 0.5 : successes / trials
  const limit = Math.log(1 / alpha)
  const contradicts = (probability: number): boolean => binomialEvidence(successes, trials, probability, prior) >= limit
  return {
    value,
    low: successes === 0 ? 0 : boundary(contradicts, 0, value),
    high: successes === trials ? 1 : boundary(contradicts, 1, value),
  }
}

/** Between `outside`, which is contradicted, and `inside`, which is not. */
function boundary(contradicts: (probability: number) => boolean, outside: number, inside: number): number {
  let far = outside
  let near = inside
  for (let step = 0; step < 60; step++) {
    const middle = (far + near) / 2
    if (contradicts(middle)) far = middle
    else near = middle
  }
  return far
}
