import { FivefoldError } from '../../../core/index.ts'
import type { BoostingParams } from '../parameters.ts'
import { indexOfFeatures } from './feature-index.ts'
import type { SplitRules } from './training-job.ts'

/** @throws OPTION_INVALID where constraints name no feature, or ask a categorical one to be monotone */
export function splitRules(
  { monotone, interactions }: BoostingParams,
  names: readonly string[],
  categorical: ReadonlySet<number>,
): SplitRules {
  return {
    directions: Object.keys(monotone).length === 0 ? undefined : directionsOf(monotone, names, categorical),
    interactions: interactions === undefined ? undefined : interactionSets(interactions, names),
  }
}

function directionsOf(
  monotone: BoostingParams['monotone'],
  names: readonly string[],
  categorical: ReadonlySet<number>,
): Int32Array {
  const directions = new Int32Array(names.length)
  for (const index of indexOfFeatures('monotone', Object.keys(monotone), names)) {
    if (categorical.has(index))
      throw new FivefoldError(
        'OPTION_INVALID',
        `boosting: '${names[index]}' is categorical; its categories have no order to be monotone in`,
      )
    directions[index] = monotone[names[index]!]!
  }
  return directions
}

/** The sets asked for, and one of all features that are in none. */
function interactionSets(interactions: readonly (readonly string[])[], names: readonly string[]): number[][] {
  const sets = interactions.map((set) => [...indexOfFeatures('interactions', set, names)])
  const named = new Set(sets.flat())
  const others = [...names.keys()].filter((feature) => !named.has(feature))
  return others.length > 0 ? [...sets, others] : sets
}
