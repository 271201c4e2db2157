import type { DuckSession, Failure } from '../duck/session.ts'
import { inGroups, quoteName, quoteTexts } from '../duck/sql.ts'
import { ambiguityNote, ISO_FORMAT, swappedDayAndMonth } from './datetime-formats.ts'
import { EXACT_INTEGER_LIMIT, type Reading } from './reading.ts'
import {
  canonicalInteger,
  datetimeReading,
  datetimeReadings,
  decimalCommaNumber,
  plainNumber,
  type TextReading,
  thousandsCommaNumber,
  trueOrFalse,
} from './text-readings.ts'

const COLUMNS_A_QUERY = 40
/** First rows that decide whether a column is worth parsing whole. */
const SAMPLE_ROWS = 20_000
const SAMPLE_PARSE_SHARE = 0.8
/** First present values on which a reading must hold before it is tried on all rows. */
const SAMPLE_VALUES = 2000
/** A column may hold a few texts that say in words that a value is missing. */
const MIN_PARSE_SHARE = 0.98
const MAX_BAD_TEXTS = 5

export interface TextContext {
  readonly session: DuckSession
  readonly relation: string
  readonly failure: Failure
  readonly decimal: '.' | ',' | undefined
  /** In a file delimited by commas, '1,234' in quotes is a thousand and not a fraction. */
  readonly commaDelimited: boolean
}

interface TextCounts {
  readonly present: number
  readonly doubles: number
  readonly integers: number
  readonly zeroPadded: number
  readonly nonFinite: number
  readonly booleans: number
  readonly largest: number
}

/** How each text column is best read: numbers, integers, true or false, datetimes, or as the text that it is. */
export async function readTextColumns(context: TextContext, names: readonly string[]): Promise<Map<string, Reading>> {
  const readings = new Map<string, Reading>()
  for (const group of inGroups(names, COLUMNS_A_QUERY)) {
    const shapes = await shapesOf(context, group)
    for (const name of group) readings.set(name, await chooseReading(context, name, shapes.get(name)!))
  }
  return readings
}

/** Counts over all rows; columns whose first rows are plainly no numbers are spared the parsing of them. */
async function shapesOf(context: TextContext, names: readonly string[]): Promise<Map<string, TextCounts>> {
  const start = `(SELECT * FROM ${context.relation} LIMIT ${SAMPLE_ROWS})`
  const sampled = await countShapes(context, start, names, true)
  const worthParsing = names.filter((_, at) => mayParse(sampled[at]!))
  const textual = names.filter((name) => !worthParsing.includes(name))
  const parsed = await countShapes(context, context.relation, worthParsing, true)
  const counted = await countShapes(context, context.relation, textual, false)
  return new Map([
    ...worthParsing.map((name, at) => [name, parsed[at]!] as const),
    ...textual.map((name, at) => [name, counted[at]!] as const),
  ])
}

function mayParse({ present, doubles, booleans }: TextCounts): boolean {
  return doubles >= present * SAMPLE_PARSE_SHARE || booleans >= present * SAMPLE_PARSE_SHARE
}

async function countShapes(
  context: TextContext,
  relation: string,
  names: readonly string[],
  parse: boolean,
): Promise<TextCounts[]> {
  if (names.length === 0) return []
  const aggregates = names.map(
    (name, at) => `count(${quoteName(name)}) AS present_${at}${parse ? shapeSql(name, at) : ''}`,
  )
  const row = (await context.session.rows(`SELECT ${aggregates.join(', ')} FROM ${relation}`, context.failure))[0] ?? {}
  return names.map((_, at) => ({
    present: Number(row[`present_${at}`]),
    doubles: Number(row[`doubles_${at}`] ?? 0),
    integers: Number(row[`integers_${at}`] ?? 0),
    zeroPadded: Number(row[`zero_${at}`] ?? 0),
    nonFinite: Number(row[`nonfinite_${at}`] ?? 0),
    booleans: Number(row[`booleans_${at}`] ?? 0),
    largest: Number(row[`largest_${at}`] ?? 0),
  }))
}

function shapeSql(name: string, at: number): string {
  const text = quoteName(name)
  const double = `TRY_CAST(${text} AS DOUBLE)`
  return `, count(${double}) AS doubles_${at},
    count_if(CAST(TRY_CAST(${text} AS BIGINT) AS VARCHAR) = ${text}) AS integers_${at},
    count_if(${text} >= '00' AND ${text} < '0:' AND NOT contains(${text}, '.')) AS zero_${at},
    count_if(NOT isfinite(${double})) AS nonfinite_${at},
    count_if(lower(${text}) = 'true' OR lower(${text}) = 'false') AS booleans_${at},
    max(abs(CASE WHEN isfinite(${double}) THEN ${double} END)) AS largest_${at}`
}

async function chooseReading(context: TextContext, name: string, counts: TextCounts): Promise<Reading> {
  const text = quoteName(name)
  const { present } = counts
  if (present === 0) return { storage: 'DOUBLE', sql: 'NULL::DOUBLE', detail: 'every value is missing' }
  if (counts.booleans === present) return settle(trueOrFalse(text), `all ${present} values are true or false`)
  if (context.decimal === ',') {
    const comma = await tryReadings(context, name, present, [decimalCommaNumber(text)])
    if (comma && counts.integers < present) return comma
  }
  const numeric = await readNumbers(context, name, counts)
  if (numeric) return numeric
  return (await tryReadings(context, name, present, textCandidates(context, text))) ?? asText(text)
}

/** Whole columns of plain numbers, a few texts among them allowed. */
async function readNumbers(context: TextContext, name: string, counts: TextCounts): Promise<Reading | undefined> {
  const text = quoteName(name)
  const { present, doubles } = counts
  if (doubles < present * MIN_PARSE_SHARE) return undefined
  if (counts.zeroPadded > 0 && counts.integers + counts.zeroPadded >= doubles)
    return asText(
      text,
      `${counts.zeroPadded} of ${present} values are digits with leading zeros, so codes and not quantities`,
    )
  const bad = doubles < present ? await badTexts(context, name, plainNumber(text)) : []
  if (bad === undefined) return undefined
  const isInteger = counts.integers === doubles
  if (isInteger && counts.largest > EXACT_INTEGER_LIMIT)
    return asText(text, 'its integers go beyond 2^53 and are kept as text')
  const label = isInteger ? 'integers' : 'numbers'
  const detail = describeShare(label, doubles, present, bad) + infiniteNote(counts.nonFinite)
  return settle(isInteger ? canonicalInteger(text) : plainNumber(text), detail)
}

function infiniteNote(nonFinite: number): string {
  return nonFinite === 0 ? '' : `; ${nonFinite} infinite or NaN values count as missing`
}

function textCandidates(context: TextContext, text: string): TextReading[] {
  const commas = context.commaDelimited
    ? [thousandsCommaNumber(text), decimalCommaNumber(text)]
    : [decimalCommaNumber(text), thousandsCommaNumber(text)]
  return [...(context.decimal === '.' ? [thousandsCommaNumber(text)] : commas), ...datetimeReadings(text)]
}

/** The first candidate that holds on a sample of the distinct values and then on the whole column. */
async function tryReadings(
  context: TextContext,
  name: string,
  present: number,
  candidates: readonly TextReading[],
): Promise<Reading | undefined> {
  const hits = await parsedInSample(context, name, candidates)
  for (const [at, candidate] of candidates.entries()) {
    if (hits.parsed[at]! < hits.total * MIN_PARSE_SHARE) continue
    const parsed = await countParsed(context, candidate)
    const bad = parsed < present ? await badTexts(context, name, candidate) : []
    if (parsed < present * MIN_PARSE_SHARE || bad === undefined) continue
    const note = await noteOnAmbiguity(context, quoteName(name), candidate, parsed)
    return settle(candidate, describeShare(candidate.label, parsed, present, bad) + note)
  }
  return undefined
}

async function parsedInSample(context: TextContext, name: string, candidates: readonly TextReading[]) {
  const text = quoteName(name)
  const counts = candidates.map((candidate, at) => `count(${candidate.proof}) AS parsed_${at}`)
  const first = `SELECT ${text} FROM ${context.relation} WHERE ${text} IS NOT NULL LIMIT ${SAMPLE_VALUES}`
  const sql = `SELECT count(*) AS total, ${counts.join(', ')} FROM (SELECT DISTINCT * FROM (${first}))`
  const row = (await context.session.rows(sql, context.failure))[0] ?? {}
  return { total: Number(row.total), parsed: candidates.map((_, at) => Number(row[`parsed_${at}`])) }
}

async function countParsed(context: TextContext, candidate: TextReading): Promise<number> {
  const sql = `SELECT count(${candidate.proof}) AS parsed FROM ${context.relation}`
  return Number((await context.session.rows(sql, context.failure))[0]?.parsed)
}

/** The distinct texts that do not parse; undefined where they are too many to be mere marks of a missing value. */
async function badTexts(context: TextContext, name: string, reading: TextReading): Promise<string[] | undefined> {
  const text = quoteName(name)
  const sql = `SELECT DISTINCT ${text} AS bad FROM ${context.relation}
    WHERE ${text} IS NOT NULL AND ${reading.proof} IS NULL ORDER BY 1 LIMIT ${MAX_BAD_TEXTS + 1}`
  const rows = await context.session.rows(sql, context.failure)
  return rows.length > MAX_BAD_TEXTS ? undefined : rows.map((row) => String(row.bad))
}

async function noteOnAmbiguity(
  context: TextContext,
  text: string,
  reading: TextReading,
  parsed: number,
): Promise<string> {
  const swapped = reading.datetimeFormat && swappedDayAndMonth(reading.datetimeFormat)
  if (!swapped || reading.datetimeFormat === ISO_FORMAT) return ''
  if ((await countParsed(context, datetimeReading(text, swapped))) < parsed) return ''
  return `; ${ambiguityNote(swapped)}`
}

function describeShare(label: string, parsed: number, present: number, bad: readonly string[]): string {
  if (bad.length === 0) return `all ${present} values parse as ${label}`
  return `${parsed} of ${present} values parse as ${label}; ${quoteTexts(bad)} count as missing`
}

function settle(reading: TextReading, detail: string): Reading {
  const { storage, sql, datetimeFormat } = reading
  return { storage, sql, detail, ...(datetimeFormat ? { datetimeFormat } : {}) }
}

function asText(text: string, detail = ''): Reading {
  return { storage: 'VARCHAR', sql: text, detail }
}
