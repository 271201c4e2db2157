import type { Run } from '../client/records.ts'

/** Pages shift while new runs come: a run that is there already is not taken a second time. */
export function withoutTwins(first: readonly Run[], second: readonly Run[]): Run[] {
  const known = new Set(first.map(({ id }) => id))
  return [...first, ...second.filter(({ id }) => !known.has(id))]
}

/**
 * The runs with the newest state of the first of them. Runs that are as they were stay the same objects, and where all are,
 * so does the list: nothing is drawn anew.
 */
export function refreshed(before: readonly Run[], newest: readonly Run[]): readonly Run[] {
  const known = new Map(before.map((run) => [run.id, run]))
  const first = newest.map((run) => {
    const old = known.get(run.id)
    return old && JSON.stringify(old) === JSON.stringify(run) ? old : run
  })
  return first.every((run, i) => run === before[i]) ? before : withoutTwins(first, before)
}
