import type { Rng } from '../../../core/index.ts'
import { bestArm, createArmMoments } from './arm-moments.ts'
import type { Bandit } from './bandit.ts'

/** Any arm with probability `epsilon`, else the best so far (Sutton and Barto, 2018, section 2.2). Arms without rewards go first. */
export function createEpsilonGreedy(arms: readonly string[], epsilon: number, rng: Rng, from?: unknown): Bandit {
  const moments = createArmMoments(arms, from)
  const scoreOf = (arm: string): number => {
    const { count, mean } = moments.of(arm)
    return count === 0 ? Number.POSITIVE_INFINITY : mean
  }
  return {
    choose: () => (rng.next() < epsilon ? arms[rng.int(arms.length)]! : bestArm(arms, scoreOf)),
    reward: moments.add,
    report: moments.report,
    toState: moments.toState,
  }
}
