/** One row of a comparison: the values of one key in each run. */
export interface ComparedRow {
  readonly key: string
  readonly values: readonly (string | undefined)[]
  readonly isDifferent: boolean
}

/** The keys of all runs by name, with what each run has for them. */
export function compareKeys(sides: readonly Readonly<Record<string, string>>[]): ComparedRow[] {
  const keys = new Set(sides.flatMap((side) => Object.keys(side)))
  return [...keys]
    .sort((a, b) => a.localeCompare(b))
    .map((key) => {
      const values = sides.map((side) => side[key])
      return { key, values, isDifferent: values.some((value) => value !== values[0]) }
    })
}
