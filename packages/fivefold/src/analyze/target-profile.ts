import type { Table } from '../data/index.ts'
import type { SampleTarget } from './analysis.ts'
import type { SqlColumn } from './column-sql.ts'
import type { ColumnProfile, TargetProfile } from './profile.ts'

/** Counts of the classes over all rows, or what matters of a number. */
export async function profileTarget(
  table: Table,
  target: SampleTarget | null,
  column: SqlColumn | undefined,
  profile: ColumnProfile | undefined,
): Promise<TargetProfile | null> {
  if (!target || !column || !profile) return null
  const { missing, numeric } = profile
  if (target.kind === 'number')
    return { kind: 'number', missing, skewness: numeric?.skewness ?? null, zeros: numeric?.zeros ?? 0 }
  const name = column.kind === 'number' ? `CAST(${column.value} AS DOUBLE)` : `CAST(${column.value} AS VARCHAR)`
  const rows = await table.query(
    `SELECT ${name} AS name, count(*) AS n FROM data WHERE ${column.value} IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1`,
  )
  const counts = rows.map((row) => ({ name: String(row.name), count: Number(row.n) }))
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  const classes = counts.map(({ name, count }) => ({ name, count, share: count / total }))
  return { kind: 'classes', classes, missing, imbalance: counts[0]!.count / counts.at(-1)!.count }
}
