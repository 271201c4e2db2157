import type { BoostingParams } from '../parameters.ts'

/** Remembers the round of the best value. */
export interface Best {
  /** A value that is not known counts as an improvement. */
  offer(round: number, value: number | undefined): void
  round(): number
  isLongAgo(round: number): boolean
}

export function followBest(higherIsBetter: boolean, { earlyStoppingRounds }: BoostingParams): Best {
  let bestRound = 0
  let bestValue = Number.NaN
  const isBetter = (value: number): boolean => (higherIsBetter ? value > bestValue : value < bestValue)
  return {
    offer: (round, value) => {
      if (value !== undefined && bestRound > 0 && !isBetter(value)) return
      bestRound = round
      bestValue = value ?? Number.NaN
    },
    round: () => bestRound,
    isLongAgo: (round) => earlyStoppingRounds > 0 && round - bestRound >= earlyStoppingRounds,
  }
}
