import { type RawBuilder, sql } from 'kysely'
import { FivefoldError } from '../../core/index.ts'
import type { Dialect } from '../database/dialect.ts'
import type { Field, FieldResolver } from './fields.ts'
import { toIdentifier } from './parse-filter.ts'

type KeyedField = Extract<Field, { kind: 'keyed' }>

export interface Ordering {
  readonly joins: readonly RawBuilder<unknown>[]
  readonly terms: readonly RawBuilder<unknown>[]
  /** Names as they were given, of the columns that are ordered by. */
  readonly keys: ReadonlySet<string>
  /** The first thing that is ordered by, where an index lists it in order. */
  readonly lead: { readonly field: KeyedField; readonly alias: string } | undefined
}

/**
 * Sorting as MLflow's: `metrics.loss DESC`; what has no value comes last, whatever the direction, and NaN just before.
 * Throws OPTION_INVALID.
 */
export function compileOrderBy(clauses: readonly string[], resolve: FieldResolver, dialect: Dialect): Ordering {
  const joins: RawBuilder<unknown>[] = []
  const terms: RawBuilder<unknown>[] = []
  const keys = new Set<string>()
  let lead: Ordering['lead']
  for (const [index, clause] of clauses.entries()) {
    const { entity, key, direction } = parseClause(clause)
    const field = resolve(entity, key)
    const name = `${entity ?? ''}.${key}`
    if (keys.has(name)) throw new FivefoldError('OPTION_INVALID', `order_by names ${clause} twice`)
    keys.add(name)
    if (field.kind === 'any') throw new FivefoldError('OPTION_INVALID', `order_by cannot sort by ${clause}`)
    const alias = `ordered_${index}`
    if (field.kind === 'keyed') {
      joins.push(orderJoin(field, alias))
      if (index === 0 && field.source.isIndexed) lead = { field, alias }
    }
    const value = field.kind === 'column' ? field.column : sql.ref(`${alias}.value`)
    const values = field.kind === 'keyed' && field.type === 'text' ? dialect.inTextOrder(value) : [value]
    terms.push(
      presence(field, value, alias),
      ...values.map((one) => (direction === 'desc' ? sql`${one} desc` : sql`${one} asc`)),
    )
  }
  return { joins, terms, keys, lead }
}

function orderJoin(field: KeyedField, alias: string): RawBuilder<unknown> {
  const owner = sql.ref(`${alias}.${field.source.owner}`)
  return sql`left join ${sql.table(field.source.table)} as ${sql.id(alias)}
    on ${owner} = ${field.id} and ${sql.ref(`${alias}.key`)} = ${field.key}`
}

function presence(field: Field, value: RawBuilder<unknown>, alias: string): RawBuilder<unknown> {
  if (field.kind !== 'keyed') return sql`case when ${value} is null then 1 else 0 end`
  return sql`case when ${value} is not null then 0 when ${sql.ref(`${alias}.key`)} is not null then 1 else 2 end`
}

function parseClause(clause: string): { entity: string | undefined; key: string; direction: 'asc' | 'desc' } {
  const match = /^\s*([\s\S]+?)(?:\s+(asc|desc))?\s*$/i.exec(clause)
  if (!match || clause.length > 1000) throw new FivefoldError('OPTION_INVALID', `invalid order_by clause '${clause}'`)
  if (/\s/.test(match[1]!) && !/[`"']/.test(match[1]!) && !/^run name$/i.test(match[1]!))
    throw new FivefoldError('OPTION_INVALID', `invalid order_by clause '${clause}'`)
  return { ...toIdentifier(match[1]!), direction: match[2]?.toLowerCase() === 'desc' ? 'desc' : 'asc' }
}
