import { quoteSqlName, type Table, valueReadings } from '../../data/index.ts'
import type { ColumnRules } from './validation-schema.ts'

/**
 * SQL of each column's value as the type that its rules ask for: decimal commas and the ways to write a date are found
 * out by what fits most values. Values are parsed from text, so that a column of another type is no error of SQL.
 */
export async function chooseReadings(table: Table, columns: readonly ColumnRules[]): Promise<Map<string, string>> {
  const chosen = new Map<string, string>()
  for (const { name, type } of columns) {
    const candidates = valueReadings(type, `CAST(${quoteSqlName(name)} AS VARCHAR)`)
    const best = candidates.length > 1 ? await bestOf(table, name, candidates) : 0
    if (candidates.length > 0) chosen.set(name, candidates[best]!)
  }
  return chosen
}

async function bestOf(table: Table, name: string, candidates: readonly string[]): Promise<number> {
  // What is stored with a type has one way to be written as text.
  if (table.schema.columns.find((column) => column.name === name)?.tensor !== 'string') return 0
  const counts = candidates.map((sql, at) => `count(${sql}) AS fits_${at}`)
  const [row = {}] = await table.query(`SELECT ${counts.join(', ')} FROM data`)
  const fits = candidates.map((_, at) => Number(row[`fits_${at}`]))
  return fits.indexOf(Math.max(...fits))
}
