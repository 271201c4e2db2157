import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FivefoldError } from '../../core/index.ts'
import { quoteSqlName, quoteSqlText, type Table } from '../../data/index.ts'
import { type RowCheck, type Rule, rowChecks } from './checks.ts'
import { chooseReadings } from './choose-readings.ts'
import { type ValidationSchema, validationSchema } from './validation-schema.ts'

export interface Violation {
  /** Absent for rules of the whole table. */
  readonly column?: string
  readonly rule: Rule | 'required' | 'maxMissingRate' | 'minRows'
  readonly message: string
  /** Rows that break the rule; absent for rules of the whole table. */
  readonly rows?: number
  /** The first of them, counted from 0. */
  readonly firstRow?: number
  /** What stands there, at most 80 characters of it; absent where it is missing. */
  readonly firstValue?: string
}

export interface ValidationReport {
  readonly isValid: boolean
  readonly rowCount: number
  /** Rows that break at least one rule. */
  readonly rejectedRows: number
  readonly violations: readonly Violation[]
  /** Columns that the schema does not know; they break nothing. */
  readonly unknownColumns: readonly string[]
  /** Where the rejected rows lie, each with its reasons in the last column; absent where there are none. */
  readonly rejectsPath?: string
}

export interface ValidateOptions {
  /** File for the rows that break a rule (CSV, JSONL or Parquet by extension), with their number in `__row` and why in `__reason`. */
  readonly rejectsPath?: string
}

/**
 * Holds a table against a validation schema, in DuckDB and so also where the table is larger than memory.
 * What breaks is returned, not thrown; `requireValid` throws it. Open the table with `asText`: otherwise texts among
 * numbers are missing values before they come here.
 *
 * @throws CONFIG_INVALID where the schema itself is wrong
 */
export async function validateTable(
  table: Table,
  schema: ValidationSchema,
  options: ValidateOptions = {},
): Promise<ValidationReport> {
  const { minRows, columns } = parseValidationSchema(schema)
  const there = new Set(table.schema.columns.map(({ name }) => name))
  const present = columns.filter(({ name }) => there.has(name))
  const readings = await chooseReadings(table, present)
  const checks = present.flatMap((rules) => rowChecks(rules, readings.get(rules.name)))
  const { violations: broken, rejectedRows } = await countBroken(table, checks)
  const violations = [
    ...(table.rowCount < minRows
      ? [{ rule: 'minRows' as const, message: `${table.rowCount} rows, at least ${minRows} expected` }]
      : []),
    ...columns
      .filter(({ name, required }) => required && !there.has(name))
      .map(({ name }) => ({ column: name, rule: 'required' as const, message: `column '${name}' is not there` })),
    ...(await missingRates(table, present)),
    ...broken,
  ]
  const written = options.rejectsPath !== undefined && rejectedRows > 0
  if (written) await writeRejects(table, checks, options.rejectsPath!)
  const known = new Set(columns.map(({ name }) => name))
  return {
    isValid: violations.length === 0,
    rowCount: table.rowCount,
    rejectedRows,
    violations,
    unknownColumns: [...there].filter((name) => !known.has(name)),
    ...(written ? { rejectsPath: options.rejectsPath! } : {}),
  }
}

/** A validation schema from JSON. @throws CONFIG_INVALID naming each key that is wrong */
export function parseValidationSchema(value: unknown): ValidationSchema {
  const parsed = validationSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.map((key) => (typeof key === 'symbol' ? String(key) : key)),
    message,
  }))
  const first = issues[0]!
  throw new FivefoldError(
    'CONFIG_INVALID',
    `validation schema: ${first.path.join('.') || 'the whole'}: ${first.message}`,
    { issues },
  )
}

/** Throws DATA_SCHEMA_VIOLATION with an issue for each violation of a report. */
export function requireValid(report: ValidationReport): void {
  if (report.isValid) return
  const issues = report.violations.map(({ column, rule, message }) => ({
    path: column === undefined ? [rule] : ['columns', column, rule],
    message,
  }))
  const where = report.rejectsPath ? `; the rows are set aside in '${report.rejectsPath}'` : ''
  throw new FivefoldError(
    'DATA_SCHEMA_VIOLATION',
    `${report.rejectedRows} of ${report.rowCount} rows break the validation schema: ${issues[0]!.message}${where}`,
    { issues },
  )
}

async function countBroken(
  table: Table,
  checks: readonly RowCheck[],
): Promise<{ violations: Violation[]; rejectedRows: number }> {
  if (checks.length === 0) return { violations: [], rejectedRows: 0 }
  const flags = checks.map(({ broken }, at) => `${broken} AS broken_${at}`)
  const figures = checks.map(
    ({ column }, at) =>
      `count_if(broken_${at}) AS rows_${at}, min(CASE WHEN broken_${at} THEN __row END) AS first_${at},
       arg_min(CASE WHEN broken_${at} THEN ${shownValue(column)} END, __row) AS value_${at}`,
  )
  const any = checks.map((_, at) => `broken_${at}`).join(' OR ')
  const [row = {}] = await table.query(
    `SELECT count_if(${any}) AS rejected, ${figures.join(', ')} FROM (SELECT *, ${flags.join(', ')} FROM data)`,
  )
  const violations = checks.flatMap(({ column, rule, reason }, at): Violation[] => {
    const rows = Number(row[`rows_${at}`])
    const firstRow = Number(row[`first_${at}`])
    if (rows === 0) return []
    const value = row[`value_${at}`]
    const shown = typeof value === 'string' ? { firstValue: value } : {}
    const first = `row ${firstRow}${shown.firstValue === undefined ? '' : `: '${shown.firstValue}'`}`
    return [{ column, rule, message: `${reason} in ${countRows(rows)}, first in ${first}`, rows, firstRow, ...shown }]
  })
  return { violations, rejectedRows: Number(row.rejected) }
}

const countRows = (rows: number): string => (rows === 1 ? '1 row' : `${rows} rows`)

const shownValue = (column: string): string => `left(CAST(${quoteSqlName(column)} AS VARCHAR), 80)`

async function missingRates(table: Table, columns: ValidationSchema['columns']): Promise<Violation[]> {
  const limited = columns.filter(({ maxMissingRate }) => maxMissingRate > 0 && maxMissingRate < 1)
  if (limited.length === 0) return []
  const counts = limited.map(({ name }, at) => `count(*) - count(${quoteSqlName(name)}) AS missing_${at}`)
  const [row = {}] = await table.query(`SELECT ${counts.join(', ')} FROM data`)
  return limited.flatMap(({ name, maxMissingRate }, at): Violation[] => {
    const rate = Number(row[`missing_${at}`]) / table.rowCount
    if (rate <= maxMissingRate) return []
    return [
      {
        column: name,
        rule: 'maxMissingRate',
        message: `${name}: ${percent(rate)} missing, at most ${percent(maxMissingRate)} allowed`,
      },
    ]
  })
}

const percent = (rate: number): string => `${(rate * 100).toFixed(1)} %`

async function writeRejects(table: Table, checks: readonly RowCheck[], path: string): Promise<void> {
  const reasons = checks.map(({ broken, reason }) => `CASE WHEN ${broken} THEN ${quoteSqlText(reason)} END`)
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await table.query(`COPY (SELECT * FROM (SELECT *, concat_ws('; ', ${reasons.join(', ')}) AS __reason FROM data)
      WHERE __reason <> '' ORDER BY __row) TO ${quoteSqlText(temporary)} (${copyOptions(path)})`)
    await rename(temporary, path)
  } catch (error) {
    throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
  } finally {
    await rm(temporary, { force: true })
  }
}

function copyOptions(path: string): string {
  if (/\.parquet$/i.test(path)) return 'FORMAT parquet'
  return /\.(jsonl|ndjson)$/i.test(path) ? 'FORMAT json' : 'FORMAT csv, HEADER true'
}
