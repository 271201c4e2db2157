/** Chooses arms and learns from rewards, which may come late and in any order. */
export interface Bandit {
  /** Context: numbers known of the request, for contextual bandits. */
  choose(context?: readonly number[]): string
  reward(arm: string, reward: number, context?: readonly number[]): void
  report(): readonly ArmReport[]
  /** Plain data that a bandit of the same policy goes on from. */
  toState(): unknown
}

export interface ArmReport {
  readonly arm: string
  /** Rewards seen. */
  readonly count: number
  /** NaN without rewards. */
  readonly meanReward: number
}
