import type { Rng } from '../../../core/index.ts'
import { bestArm, createArmMoments } from './arm-moments.ts'
import type { Bandit } from './bandit.ts'
import { drawBeta, drawStudent } from './draws.ts'

/**
 * Thompson sampling for rewards from 0 to 1: each arm's mean is drawn from its beta posterior under a uniform prior, the highest
 * draw is played (Thompson, 1933; Agrawal and Goyal, 2012). Rewards outside are cut to the range.
 */
export function createThompsonBeta(arms: readonly string[], rng: Rng, from?: unknown): Bandit {
  const moments = createArmMoments(arms, from)
  const drawMean = (arm: string): number => {
    const { count, mean } = moments.of(arm)
    return drawBeta(1 + count * mean, 1 + count * (1 - mean), rng)
  }
  return {
    choose: () => bestArm(arms, drawMean),
    reward: (arm, reward) => moments.add(arm, Math.min(1, Math.max(0, reward))),
    report: moments.report,
    toState: moments.toState,
  }
}

/** Rewards below which the spread of an arm is not known: such an arm goes first. */
const FEWEST_REWARDS = 2

/**
 * Thompson sampling for rewards of any size: the mean is drawn from its posterior under the prior 1/σ², a Student distribution
 * around the mean seen (Honda and Takemura, 2014).
 */
export function createThompsonNormal(arms: readonly string[], rng: Rng, from?: unknown): Bandit {
  const moments = createArmMoments(arms, from)
  const drawMean = (arm: string): number => {
    const { count, mean, squares } = moments.of(arm)
    if (count < FEWEST_REWARDS) return Number.POSITIVE_INFINITY
    return mean + Math.sqrt(squares / (count * (count - 1))) * drawStudent(count - 1, rng)
  }
  return {
    choose: () => bestArm(arms, drawMean),
    reward: moments.add,
    report: moments.report,
    toState: moments.toState,
  }
}
