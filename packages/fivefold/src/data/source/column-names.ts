import { FivefoldError } from '../../core/index.ts'

/** SQL does not tell upper from lower case in names, so two columns must differ in more than that. */
export function requireDistinctNames(place: string, names: readonly string[]): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const key = name.toLowerCase()
    const earlier = seen.get(key)
    if (earlier !== undefined)
      throw new FivefoldError(
        'DATA_COLUMN_DUPLICATE',
        earlier === name
          ? `${place}: two columns are named '${name}'`
          : `${place}: columns '${earlier}' and '${name}' differ only in case`,
      )
    if (key === '__row')
      throw new FivefoldError('DATA_COLUMN_DUPLICATE', `${place}: '__row' is the name of row numbers`)
    seen.set(key, name)
  }
}
