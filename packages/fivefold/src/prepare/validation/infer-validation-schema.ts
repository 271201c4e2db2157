import { type ColumnSchema, quoteSqlName, type Table } from '../../data/index.ts'
import type { ColumnRules, ValidationSchema } from './validation-schema.ts'

/** Lists of more categories than this would be wrong with the next file. */
const MAX_CATEGORIES = 50
/** New numbers may lie beyond the range that was seen, by this share of it. */
const RANGE_MARGIN = 0.1
const MISSING_MARGIN = 0.05

/**
 * Rules that the table itself keeps and that leave room for new data: ranges wider by a tenth (but not beyond zero, or
 * one for fractions, where nothing was, and not at all for codes of two values), five points more of missing values
 * where there were some, a first instant but no last one.
 */
export async function inferValidationSchema(table: Table): Promise<ValidationSchema> {
  const columns: ColumnRules[] = []
  for (const column of table.schema.columns) columns.push(await inferRules(table, column))
  return { format: 1, minRows: 1, columns }
}

async function inferRules(table: Table, column: ColumnSchema): Promise<ColumnRules> {
  const value = quoteSqlName(column.name)
  const [row = {}] = await table.query(`SELECT count(${value}) AS present FROM data`)
  const missingRate = 1 - Number(row.present) / table.rowCount
  return {
    name: column.name,
    type: column.type,
    required: true,
    maxMissingRate: missingRate === 0 ? 0 : Math.min(1, round(missingRate + MISSING_MARGIN)),
    ...(await inferRange(table, column)),
    ...(await inferCategories(table, column)),
    unique: column.type === 'identifier',
  }
}

async function inferRange(table: Table, column: ColumnSchema): Promise<Pick<ColumnRules, 'min' | 'max'>> {
  const value = quoteSqlName(column.name)
  if (column.type === 'datetime') {
    const [row = {}] = await table.query(`SELECT epoch_ms(min(${value})) AS first FROM data`)
    return row.first === null ? {} : { min: new Date(Number(row.first)).toISOString() }
  }
  if (column.type !== 'number' && column.type !== 'integer') return {}
  const [row = {}] = await table.query(
    `SELECT CAST(min(${value}) AS DOUBLE) AS low, CAST(max(${value}) AS DOUBLE) AS high, count(DISTINCT ${value}) AS codes FROM data`,
  )
  if (row.low === null) return {}
  const low = Number(row.low)
  const high = Number(row.high)
  if (column.type === 'number') return widened(low, high, NATURAL_BOUNDS)
  if (Number(row.codes) <= 2) return { min: low, max: high }
  const { min, max } = widened(low, high, [0])
  return { min: Math.floor(min), max: Math.ceil(max) }
}

/** Shares and correlations end at one, quantities at zero. */
const NATURAL_BOUNDS = [-1, 0, 1]

function widened(low: number, high: number, bounds: readonly number[]): { min: number; max: number } {
  const margin = (high - low) * RANGE_MARGIN
  const below = bounds.filter((bound) => bound <= low)
  const above = bounds.filter((bound) => bound >= high)
  return { min: Math.max(low - margin, ...below), max: Math.min(high + margin, ...above) }
}

async function inferCategories(table: Table, column: ColumnSchema): Promise<Pick<ColumnRules, 'categories'>> {
  if (column.type !== 'category') return {}
  const value = quoteSqlName(column.name)
  const rows = await table.query(
    `SELECT DISTINCT CAST(${value} AS VARCHAR) AS text FROM data WHERE ${value} IS NOT NULL ORDER BY text LIMIT ${MAX_CATEGORIES + 1}`,
  )
  return rows.length === 0 || rows.length > MAX_CATEGORIES ? {} : { categories: rows.map((row) => String(row.text)) }
}

const round = (rate: number): number => Math.round(rate * 1e4) / 1e4
