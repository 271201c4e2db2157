import type { SemanticType } from '../schema.ts'
import { DATETIME_FORMATS, datetimeSql } from './datetime-formats.ts'
import { EXACT_INTEGER_LIMIT, finiteSql, type Reading } from './reading.ts'

/** A reading of texts together with what proves it: `sql` is NULL for a text that does not parse. */
export interface TextReading extends Omit<Reading, 'detail'> {
  /** 'numbers', 'datetimes (%d.%m.%Y)'. */
  readonly label: string
  /** NULL where the text does not parse, also where the value is missing by being infinite. */
  readonly proof: string
}

export function plainNumber(text: string): TextReading {
  return numberReading('numbers', `TRY_CAST(${text} AS DOUBLE)`)
}

export function decimalCommaNumber(text: string): TextReading {
  const shape = `regexp_full_match(${text}, '[+-]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+)?(,[0-9]+)?([eE][+-]?[0-9]+)?')`
  const value = `TRY_CAST(replace(replace(${text}, '.', ''), ',', '.') AS DOUBLE)`
  return numberReading('numbers with a decimal comma', `(CASE WHEN ${shape} THEN ${value} END)`)
}

export function thousandsCommaNumber(text: string): TextReading {
  const shape = `regexp_full_match(${text}, '[+-]?[0-9]{1,3}(,[0-9]{3})*([.][0-9]+)?')`
  const value = `TRY_CAST(replace(${text}, ',', '') AS DOUBLE)`
  return numberReading('numbers with commas between thousands', `(CASE WHEN ${shape} THEN ${value} END)`)
}

function numberReading(label: string, proof: string): TextReading {
  return { storage: 'DOUBLE', label, proof, sql: finiteSql(proof) }
}

export function canonicalInteger(text: string): TextReading {
  const sql = `TRY_CAST(TRY_CAST(${text} AS DOUBLE) AS BIGINT)`
  return { storage: 'BIGINT', label: 'integers', sql, proof: sql }
}

export function trueOrFalse(text: string): TextReading {
  const sql = `(CASE lower(${text}) WHEN 'true' THEN true WHEN 'false' THEN false END)`
  return { storage: 'BOOLEAN', label: 'true or false', sql, proof: sql }
}

export function datetimeReading(text: string, format: string): TextReading {
  const sql = datetimeSql(text, format)
  return { storage: 'TIMESTAMP', label: `datetimes (${format})`, sql, proof: sql, datetimeFormat: format }
}

export function datetimeReadings(text: string): TextReading[] {
  return DATETIME_FORMATS.map((format) => datetimeReading(text, format))
}

/**
 * SQL for each way to read a text as a value of the type, NULL where it is none; empty for types that any text fits.
 * A column is read in one of these ways as a whole: in the one that fits most of its values.
 */
export function valueReadings(type: SemanticType, text: string): string[] {
  const numbers = [plainNumber(text), decimalCommaNumber(text), thousandsCommaNumber(text)].map(({ sql }) => sql)
  if (type === 'number') return numbers
  if (type === 'integer') return numbers.map(wholeSql)
  if (type === 'boolean') return [`TRY_CAST(${text} AS BOOLEAN)`]
  return type === 'datetime' ? datetimeReadings(text).map(({ sql }) => sql) : []
}

const wholeSql = (number: string): string =>
  `(CASE WHEN ${number} = trunc(${number}) AND abs(${number}) <= ${EXACT_INTEGER_LIMIT} THEN ${number} END)`
