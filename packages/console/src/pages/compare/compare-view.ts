import type { Run } from '../../client/records.ts'

/** What every way to compare runs is given. */
export interface CompareViewProps {
  readonly runs: readonly Run[]
  readonly params: URLSearchParams
}

/** The keys that at least one run has, by name. */
export function sharedKeys(runs: readonly Run[], kind: 'metrics' | 'params'): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(run[kind])))].sort((a, b) => a.localeCompare(b))
}
