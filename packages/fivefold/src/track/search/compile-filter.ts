import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { FivefoldError } from '../../core/index.ts'
import type { Dialect } from '../database/dialect.ts'
import type { Field, FieldResolver } from './fields.ts'
import type { Comparator, Filter, Literal } from './parse-filter.ts'

type Condition = RawBuilder<SqlBool>

/**
 * A filter as an SQL condition. Names of tables and columns are constants of the code; keys and values are parameters.
 * A comparison with something that a row does not have is false, also for !=. Throws OPTION_INVALID.
 */
export function compileFilter(filter: Filter, resolve: FieldResolver, dialect: Dialect, isNarrowed = false): Condition {
  if (filter.kind === 'not') return sql`not coalesce(${compileFilter(filter.term, resolve, dialect)}, false)`
  if (filter.kind === 'comparison') return compileComparison(filter, resolve, dialect, isNarrowed)
  const narrowing = filter.kind === 'and' ? filter.terms.find((term) => isSelective(term, resolve)) : undefined
  const terms = filter.terms.map((term) =>
    compileFilter(term, resolve, dialect, narrowing !== undefined && term !== narrowing),
  )
  return sql`(${sql.join(terms, filter.kind === 'and' ? sql` and ` : sql` or `)})`
}

type Comparison = Extract<Filter, { kind: 'comparison' }>

/** Whether it leaves few rows, as far as one can tell from the filter alone. */
function isSelective(filter: Filter, resolve: FieldResolver): boolean {
  if (filter.kind !== 'comparison' || filter.negated) return false
  const isEquality = filter.comparator === '=' || filter.comparator === 'IN'
  return isEquality && resolve(filter.left.entity, filter.left.key).kind === 'keyed'
}

function compileComparison(
  { left, comparator, values, negated }: Comparison,
  resolve: FieldResolver,
  dialect: Dialect,
  isNarrowed: boolean,
): Condition {
  const field = resolve(left.entity, left.key)
  const name = left.entity === undefined ? left.key : `${left.entity}.${left.key}`
  if (comparator === 'IS NULL') return existence(field, negated)
  checkValues(field, name, comparator, values)
  // Lists of owners are made as a whole, so they are for comparisons that leave few; others look each row up.
  const looksUp = isNarrowed || negated || comparator === '!='
  return compare(field, looksUp, (column) => comparison(column, comparator, values, negated, field, dialect))
}

function existence(field: Field, exists: boolean): Condition {
  const not = exists ? sql`not` : sql``
  if (field.kind === 'column') return sql`(${field.column} is ${not} null)`
  const within = exists ? sql`in` : sql`not in`
  if (field.kind === 'any') return sql`${field.id} ${within} (${field.owners})`
  return sql`${field.id} ${within} (${keyedOwners(field)})`
}

function compare(field: Field, looksUp: boolean, condition: (column: RawBuilder<unknown>) => Condition): Condition {
  if (field.kind === 'column') return condition(field.column)
  if (field.kind === 'any') return sql`${field.id} in (${field.owners} and ${condition(field.column)})`
  const value = condition(sql.ref('value'))
  if (!looksUp) return sql`${field.id} in (${keyedOwners(field)} and ${value})`
  const owner = sql.ref(`${field.source.table}.${field.source.owner}`)
  return sql`exists (${keyedOwners(field)} and ${owner} = ${field.id} and ${value})`
}

const keyedOwners = ({ source, key }: Extract<Field, { kind: 'keyed' }>): RawBuilder<unknown> =>
  sql`select ${sql.ref(source.owner)} from ${sql.table(source.table)} where key = ${key}`

function comparison(
  column: RawBuilder<unknown>,
  comparator: Comparator,
  values: readonly Literal[],
  negated: boolean,
  field: Field,
  dialect: Dialect,
): Condition {
  const not = negated ? sql`not ` : sql``
  const [first, second] = values
  if (field.kind === 'keyed' && field.type === 'text' && !negated && (comparator === '=' || comparator === 'IN'))
    return dialect.isOneOf(column, values.map(String))
  if (comparator === 'IN') return sql`${column} ${not}in (${sql.join(values)})`
  if (comparator === 'BETWEEN') return sql`${column} ${not}between ${first} and ${second}`
  if (comparator === 'LIKE' || comparator === 'ILIKE')
    return sql`${not}(${dialect.like(column, String(first), comparator === 'ILIKE')})`
  // A NaN differs from every number.
  if (comparator === '!=' && field.kind === 'keyed' && field.type === 'number')
    return sql`(${column} <> ${first} or ${column} is null)`
  return sql`${column} ${sql.raw(SQL_COMPARATORS[comparator]!)} ${first}`
}

const SQL_COMPARATORS: Readonly<Partial<Record<Comparator, string>>> = {
  '=': '=',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

function checkValues(field: Field, name: string, comparator: Comparator, values: readonly Literal[]): void {
  const isText = field.type === 'text'
  if (!isText && (comparator === 'LIKE' || comparator === 'ILIKE'))
    throw new FivefoldError('OPTION_INVALID', `invalid comparator '${comparator}' for ${name}, which is a number`)
  if (isText && ['<', '<=', '>', '>=', 'BETWEEN'].includes(comparator))
    throw new FivefoldError(
      'OPTION_INVALID',
      `invalid comparator '${comparator}' for ${name}, which is a text: '10' < '9'`,
    )
  for (const value of values) {
    if ((typeof value === 'string') === isText) continue
    const expected = isText ? 'a quoted string value' : 'a numeric value'
    throw new FivefoldError('OPTION_INVALID', `expected ${expected} for ${name}, found ${value}`)
  }
}
