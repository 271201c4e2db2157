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
export function compileFilter(filter: Filter, resolve: FieldResolver, dialect: Dialect): Condition {
  if (filter.kind === 'not') return sql`not coalesce(${compileFilter(filter.term, resolve, dialect)}, false)`
  if (filter.kind !== 'comparison') {
    const terms = filter.terms.map((term) => compileFilter(term, resolve, dialect))
    return sql`(${sql.join(terms, filter.kind === 'and' ? sql` and ` : sql` or `)})`
  }
  const { left, comparator, values, negated } = filter
  const field = resolve(left.entity, left.key)
  const name = left.entity === undefined ? left.key : `${left.entity}.${left.key}`
  if (comparator === 'IS NULL') return existence(field, negated)
  checkValues(field, name, comparator, values)
  return compare(field, (column) => comparison(column, comparator, values, negated, field, dialect))
}

function existence(field: Field, exists: boolean): Condition {
  const not = exists ? sql`not` : sql``
  if (field.kind === 'column') return sql`(${field.column} is ${not} null)`
  const within = exists ? sql`in` : sql`not in`
  if (field.kind === 'any') return sql`${field.id} ${within} (${field.owners})`
  return sql`${field.id} ${within} (${keyedOwners(field)})`
}

function compare(field: Field, condition: (column: RawBuilder<unknown>) => Condition): Condition {
  if (field.kind === 'column') return condition(field.column)
  if (field.kind === 'any') return sql`${field.id} in (${field.owners} and ${condition(field.column)})`
  return sql`${field.id} in (${keyedOwners(field)} and ${condition(sql.ref('value'))})`
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
