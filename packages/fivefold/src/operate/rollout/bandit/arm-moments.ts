import { z } from 'zod'
import { addValue, type Moments, NO_MOMENTS } from '../../../metrics/index.ts'
import { parsedAs } from '../policy/traffic-policy.ts'
import type { ArmReport } from './bandit.ts'

const momentsSchema = z.strictObject({
  count: z.number().int().nonnegative(),
  mean: z.number(),
  squares: z.number().nonnegative(),
})
const stateSchema = z.record(z.string(), momentsSchema)

/** Moments of the rewards of each arm. */
export interface ArmMoments {
  of(arm: string): Moments
  /** Rewards of arms that are not there, and those that are no numbers, are left out. */
  add(arm: string, reward: number): void
  report(): readonly ArmReport[]
  toState(): unknown
}

export function createArmMoments(arms: readonly string[], from: unknown): ArmMoments {
  const stored = from === undefined ? {} : parsedAs(stateSchema, from, 'the state of the bandit')
  const byArm = new Map(arms.map((arm) => [arm, Object.hasOwn(stored, arm) ? stored[arm]! : NO_MOMENTS]))
  return {
    of: (arm) => byArm.get(arm) ?? NO_MOMENTS,
    add: (arm, reward) => {
      const moments = byArm.get(arm)
      if (moments && Number.isFinite(reward)) byArm.set(arm, addValue(moments, reward))
    },
    report: () => arms.map((arm) => ({ arm, count: byArm.get(arm)!.count, meanReward: meanOf(byArm.get(arm)!) })),
    toState: () => Object.fromEntries(byArm),
  }
}

const meanOf = ({ count, mean }: Moments): number => (count === 0 ? Number.NaN : mean)

/** The arm with the highest score; the first of several. */
export function bestArm(arms: readonly string[], scoreOf: (arm: string) => number): string {
  let best = arms[0]!
  let highest = Number.NEGATIVE_INFINITY
  for (const arm of arms) {
    const score = scoreOf(arm)
    if (score > highest) {
      highest = score
      best = arm
    }
  }
  return best
}
