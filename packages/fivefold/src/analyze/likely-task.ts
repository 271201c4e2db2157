import type { SemanticType } from '../data/index.ts'
import { formatNumber } from '../report/index.ts'

export interface TaskFacts {
  readonly type: SemanticType
  readonly distinct: number
  /** Absent or null where the values are no numbers. */
  readonly numeric?: { readonly min: number; readonly max: number } | null
}

export interface LikelyTask {
  readonly task: 'classification' | 'regression'
  readonly reason: string
}

/** Whole numbers in a row from 0 or 1 up to this many are read as the codes of classes. */
const MOST_CODES = 10

/** Whether a target asks for classes or for a number, and why. */
export function likelyTask({ type, distinct, numeric }: TaskFacts): LikelyTask {
  if (type === 'boolean') return { task: 'classification', reason: 'the target is true or false' }
  if (!numeric) return { task: 'classification', reason: `the target has ${distinct} distinct texts` }
  if (distinct <= 2) return { task: 'classification', reason: `the target has ${distinct} distinct values` }
  const isCodes =
    type === 'integer' &&
    distinct <= MOST_CODES &&
    (numeric.min === 0 || numeric.min === 1) &&
    numeric.max - numeric.min + 1 === distinct
  const range = `from ${formatNumber(numeric.min)} to ${formatNumber(numeric.max)}`
  if (isCodes)
    return {
      task: 'classification',
      reason: `the target holds the whole numbers ${range}, which are read as codes of classes`,
    }
  return { task: 'regression', reason: `the target has ${distinct} distinct numbers ${range}` }
}
