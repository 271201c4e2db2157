import type { Run } from '../../client/records.ts'
import { compareKeys } from '../../state/difference.ts'

const LONG_VALUE = 40

/** Axis ids of the parameters that tell the runs apart and are short enough to stand on an axis. */
export const differingParams = (runs: readonly Run[]): string[] =>
  compareKeys(runs.map(({ params }) => params))
    .filter(({ isDifferent, values }) => isDifferent && values.every((value) => (value ?? '').length <= LONG_VALUE))
    .map(({ key }) => `param:${key}`)
