import type { Rng } from '../../../core/index.ts'
import type { BanditPolicy } from '../policy/traffic-policy.ts'
import type { Bandit } from './bandit.ts'
import { createEpsilonGreedy } from './epsilon-greedy.ts'
import { createLinUcb } from './lin-ucb.ts'
import { createThompsonBeta, createThompsonNormal } from './thompson.ts'

/**
 * The bandit of a policy. Bandits spend fewer requests on bad arms than an experiment does; they give no valid comparison of arms,
 * since who gets an arm depends on how it fared before.
 *
 * @throws CONFIG_INVALID where `from` is not a state of this policy
 */
export function createBandit({ arms, algorithm }: BanditPolicy, rng: Rng, from?: unknown): Bandit {
  switch (algorithm.name) {
    case 'epsilonGreedy':
      return createEpsilonGreedy(arms, algorithm.epsilon, rng, from)
    case 'thompsonBeta':
      return createThompsonBeta(arms, rng, from)
    case 'thompsonNormal':
      return createThompsonNormal(arms, rng, from)
    case 'linUcb':
      return createLinUcb(arms, algorithm, from)
  }
}
