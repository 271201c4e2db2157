import { type Context, throwIfCancelled } from '../core/index.ts'
import { type Table, unknownColumns } from '../data/index.ts'
import { type Analysis, encodeSample, type ProfileOptions, sampleTarget } from './analysis.ts'
import { measureAssociations } from './associations.ts'
import { sqlColumns } from './column-sql.ts'
import { profileColumns } from './column-statistics.ts'
import { measureDrift } from './drift.ts'
import { findDuplicates } from './duplicates.ts'
import { profileFrame } from './frame-statistics.ts'
import { profileGroups } from './groups.ts'
import { findIssues } from './issues/find-issues.ts'
import { findLeakage } from './leakage.ts'
import { profileMissingness } from './missingness.ts'
import { findPersonalData } from './personal-data.ts'
import type { Profile } from './profile.ts'
import { drawSample } from './sample.ts'
import { profileTarget } from './target-profile.ts'

/**
 * What is in a table and what is wrong with it. Same table, options and seed: same profile.
 * Column statistics, duplicates and groups are over all rows by SQL; associations, drift, missingness patterns and leakage
 * are measured on a seeded sample of at most 50,000 rows. Values of columns that look like personal data are left out.
 *
 * @throws DATA_COLUMN_UNKNOWN for target, time or protect; CANCELLED
 */
export async function profileTable(table: Table, options: ProfileOptions, context: Context): Promise<Profile> {
  requireColumns(table, options)
  const sample = await drawSample(table, context)
  const personalData = findPersonalData(table.schema, sample.frame)
  const sql = await sqlColumns(table)
  const masked = new Set(personalData.map(({ column }) => column))
  const columns = sample.isWhole
    ? profileFrame(table, sample.frame, sql, masked)
    : await profileColumns(table, sql, masked, context)
  const targetColumn = columns.find(({ name }) => name === options.target)
  const target = sampleTarget(table, sample, targetColumn)
  const analysis: Analysis = { table, context, options, columns, sample, encoded: encodeSample(table, sample), target }
  const step = stepper(context)
  const associations = step('associations', () => measureAssociations(analysis))
  const facts = {
    formatVersion: 1 as const,
    location: table.location,
    rows: table.rowCount,
    target: options.target ?? null,
    time: options.time ?? null,
    protectedColumns: [...(options.protect ?? [])],
    seed: context.seed,
    sampleRows: sample.frame.rowCount,
    columns,
    missingness: step('missing values', () => profileMissingness(analysis)),
    associations,
    duplicates: await findDuplicates(table, sample.frame),
    targetProfile: await profileTarget(
      table,
      target,
      sql.find(({ name }) => name === options.target),
      targetColumn,
    ),
    leakage: step('leakage', () => findLeakage(analysis, associations)),
    drift: step('drift', () => measureDrift(analysis)),
    personalData,
    groups: await profileGroups(analysis, sql),
  }
  return { ...facts, issues: findIssues(facts) }
}

function requireColumns(table: Table, { target, time, protect = [] }: ProfileOptions): void {
  const known = new Set(table.schema.columns.map(({ name }) => name))
  const wanted = [target, time, ...protect].filter((name) => name !== undefined)
  const unknown = wanted.filter((name) => !known.has(name))
  if (unknown.length > 0) throw unknownColumns(unknown, [...known])
}

function stepper(context: Context): <T>(note: string, work: () => T) => T {
  let done = 0
  return (note, work) => {
    throwIfCancelled(context.signal)
    context.progress({ stage: 'profile', done: ++done, total: 4, note })
    return work()
  }
}
