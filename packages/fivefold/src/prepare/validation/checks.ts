import { FivefoldError } from '../../core/index.ts'
import { quoteSqlName, quoteSqlText } from '../../data/index.ts'
import type { ColumnRules } from './validation-schema.ts'

export type Rule = 'type' | 'missing' | 'min' | 'max' | 'categories' | 'unique'

/** A condition that breaks a row: SQL over the relation `data`. */
export interface RowCheck {
  readonly column: string
  readonly rule: Rule
  readonly broken: string
  /** Reason beside the row in the file of set-aside rows. */
  readonly reason: string
}

/**
 * The row checks that a column's rules make.
 *
 * @param parsed SQL of the value as the rules' type, NULL where it is none; absent for types that any text fits
 */
export function rowChecks(rules: ColumnRules, parsed: string | undefined): RowCheck[] {
  const { name, min, max, categories, unique, maxMissingRate } = rules
  const value = quoteSqlName(name)
  const text = `CAST(${value} AS VARCHAR)`
  const checks: RowCheck[] = []
  const add = (rule: Rule, broken: string, reason: string): void => {
    checks.push({ column: name, rule, broken: `coalesce(${broken}, false)`, reason: `${name}: ${reason}` })
  }
  if (maxMissingRate === 0) add('missing', `${value} IS NULL`, 'missing')
  if (parsed) add('type', `${value} IS NOT NULL AND ${parsed} IS NULL`, `not of type ${rules.type}`)
  if (parsed && min !== undefined) add('min', `${parsed} < ${boundSql(rules, min)}`, `below ${min}`)
  if (parsed && max !== undefined) add('max', `${parsed} > ${boundSql(rules, max)}`, `above ${max}`)
  if (categories)
    add(
      'categories',
      `NOT list_contains([${categories.map(quoteSqlText).join(', ')}], ${text})`,
      'not an allowed category',
    )
  if (unique)
    add(
      'unique',
      `${value} IS NOT NULL AND row_number() OVER (PARTITION BY ${value} ORDER BY __row) > 1`,
      'repeats an earlier row',
    )
  return checks
}

function boundSql({ name, type }: ColumnRules, bound: number | string): string {
  if (type === 'datetime') {
    const instant = Date.parse(String(bound))
    if (!Number.isNaN(instant)) return `epoch_ms(${instant})`
  } else if (typeof bound === 'number') return `CAST(${bound} AS DOUBLE)`
  throw new FivefoldError('CONFIG_INVALID', `validation schema: the bound '${bound}' of column '${name}' is no ${type}`)
}
