import { FivefoldError } from '../../../core/index.ts'

/** @throws OPTION_INVALID for a name that no feature has */
export function indexOfFeatures(what: string, names: readonly string[], features: readonly string[]): Set<number> {
  return new Set(
    names.map((name) => {
      const index = features.indexOf(name)
      if (index < 0) throw new FivefoldError('OPTION_INVALID', `boosting: ${what} names '${name}', which is no feature`)
      return index
    }),
  )
}
