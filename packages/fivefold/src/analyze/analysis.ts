import { type Context, FivefoldError } from '../core/index.ts'
import { type ColumnSchema, columnOf, type Table, targetFromColumn } from '../data/index.ts'
import { type EncodedColumn, encodeColumn } from './encoded-column.ts'
import { likelyTask } from './likely-task.ts'
import type { ColumnProfile } from './profile.ts'
import type { Sample } from './sample.ts'

export interface ProfileOptions {
  /** Column that is to be predicted. */
  readonly target?: string
  /** Column that orders the rows in time; the order of the rows where absent. */
  readonly time?: string
  /** Columns whose groups are compared. */
  readonly protect?: readonly string[]
}

/** What the parts of a profile share. */
export interface Analysis {
  readonly table: Table
  readonly context: Context
  readonly options: ProfileOptions
  readonly columns: readonly ColumnProfile[]
  readonly sample: Sample
  readonly encoded: ReadonlyMap<string, EncodedColumn>
  /** The target in the sample; rows without one have code -1 or NaN. Null without a usable target. */
  readonly target: SampleTarget | null
}

export type SampleTarget =
  | { readonly kind: 'classes'; readonly classes: readonly string[]; readonly codes: Int32Array }
  | { readonly kind: 'number'; readonly values: Float64Array }

/** Columns that say something by their values: not identifiers, free text or constants. */
export function isComparable({ type }: { readonly type: ColumnSchema['type'] }): boolean {
  return type !== 'identifier' && type !== 'text' && type !== 'constant'
}

export function encodeSample(table: Table, sample: Sample): Map<string, EncodedColumn> {
  return new Map(table.schema.columns.map((column) => [column.name, encodeColumn(sample.frame, column)]))
}

/** More classes than this are no classes for a profile. */
const MOST_CLASSES = 50

export function sampleTarget(table: Table, sample: Sample, profile: ColumnProfile | undefined): SampleTarget | null {
  const schema = table.schema.columns.find((column) => column.name === profile?.name)
  if (!schema || !profile) return null
  const task = likelyTask(profile).task
  try {
    const target = targetFromColumn(columnOf(sample.frame, schema.name), schema, task)
    return target.kind === 'classes' && target.classes.length > MOST_CLASSES ? null : target
  } catch (error) {
    // A profile is made of unusable targets too: it is where one reads why.
    if (error instanceof FivefoldError && error.code === 'PROBLEM_TARGET_UNUSABLE') return null
    throw error
  }
}
