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

export interface TextCounts {
  readonly rows: number
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
    const hits = await countCandidates(
      context,
      group.filter((name) => needsCandidates(context, shapes.get(name)!)),
    )
    const likely = new Map(hits.map((found) => [found.name, found.likely]))
    for (const name of group)
      readings.set(name, await chooseReading(context, name, shapes.get(name)!, likely.get(name) ?? []))
  }
  return readings
}

/** Columns that are not plain numbers throughout, so that other ways to read them come into question. */
function needsCandidates({ decimal }: TextContext, { present, doubles, booleans }: TextCounts): boolean {
  return present > 0 && booleans < present && (decimal === ',' || doubles < present)
}

/** Counts over all rows; columns whose first rows are plainly no numbers are spared the parsing of them. */
async function shapesOf(context: TextContext, names: readonly string[]): Promise<Map<string, TextCounts>> {
  const start = `(SELECT * FROM ${context.relation} LIMIT ${SAMPLE_ROWS})`
  const sampled = await countShapes(context, start, names, true)
  // Where these were all rows there is nothing more to count.
  if ((sampled[0]?.rows ?? 0) < SAMPLE_ROWS) return new Map(names.map((name, at) => [name, sampled[at]!] as const))
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
  const aggregates = names.map((name, at) =>
    parse ? shapeSql(quoteName(name), `_${at}`) : `count(${quoteName(name)}) AS present_${at}`,
  )
  const sql = `SELECT count(*) AS rows, ${aggregates.join(', ')} FROM ${relation}`
  const row = (await context.session.rows(sql, context.failure))[0] ?? {}
  return names.map((_, at) => shapeCounts(row, `_${at}`))
}

/** The same for a sample in which every column is text: turned on its side, since a thousand columns take long to plan. */
export async function countSampledShapes(
  context: TextContext,
  names: readonly string[],
): Promise<Map<string, TextCounts>> {
  const absent = shapeCounts({}, '')
  if (names.length === 0) return new Map()
  const sql = `SELECT name, ${shapeSql('v', '')} FROM (${unpivotSql(context, names)}) GROUP BY name`
  const rows = await context.session.rows(sql, context.failure)
  const found = new Map(rows.map((row) => [String(row.name), shapeCounts(row, '')]))
  return new Map(names.map((name) => [name, found.get(name) ?? absent]))
}

function unpivotSql({ relation }: TextContext, names: readonly string[], rows = SAMPLE_ROWS): string {
  const columns = names.map(quoteName).join(', ')
  return `SELECT name, v FROM (SELECT ${columns} FROM ${relation} LIMIT ${rows}) UNPIVOT (v FOR name IN (${columns}))`
}

function shapeSql(text: string, suffix: string): string {
  const double = `TRY_CAST(${text} AS DOUBLE)`
  return `count(${text}) AS present${suffix}, count(${double}) AS doubles${suffix},
    count_if(CAST(TRY_CAST(${text} AS BIGINT) AS VARCHAR) = ${text}) AS integers${suffix},
    count_if(${text} >= '00' AND ${text} < '0:' AND NOT contains(${text}, '.')) AS zero${suffix},
    count_if(NOT isfinite(${double})) AS nonfinite${suffix},
    count_if(lower(${text}) = 'true' OR lower(${text}) = 'false') AS booleans${suffix},
    max(abs(CASE WHEN isfinite(${double}) THEN ${double} END)) AS largest${suffix}`
}

function shapeCounts(row: Readonly<Record<string, unknown>>, suffix: string): TextCounts {
  const number = (key: string): number => Number(row[key + suffix] ?? 0)
  return {
    rows: Number(row.rows ?? 0),
    present: number('present'),
    doubles: number('doubles'),
    integers: number('integers'),
    zeroPadded: number('zero'),
    nonFinite: number('nonfinite'),
    booleans: number('booleans'),
    largest: number('largest'),
  }
}

async function chooseReading(
  context: TextContext,
  name: string,
  counts: TextCounts,
  likely: readonly LikelyReading[],
): Promise<Reading> {
  const text = quoteName(name)
  const { present } = counts
  if (present === 0) return { storage: 'DOUBLE', sql: 'NULL::DOUBLE', detail: 'every value is missing' }
  if (counts.booleans === present) return settle(trueOrFalse(text), `all ${present} values are true or false`)
  if (context.decimal === ',') {
    const commas = likely.filter(({ reading }) => reading.label === decimalCommaNumber(text).label)
    const comma = await tryReadings(context, name, present, commas)
    if (comma && counts.integers < present) return comma
  }
  const numeric = await readNumbers(context, name, counts)
  if (numeric) return numeric
  return (await tryReadings(context, name, present, likely)) ?? asText(text)
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

/** The first candidate that holds on the whole column. */
async function tryReadings(
  context: TextContext,
  name: string,
  present: number,
  likely: readonly LikelyReading[],
): Promise<Reading | undefined> {
  for (const { reading } of likely) {
    const parsed = await countParsed(context, reading)
    const bad = parsed < present ? await badTexts(context, name, reading) : []
    if (parsed < present * MIN_PARSE_SHARE || bad === undefined) continue
    const note = await noteOnAmbiguity(context, quoteName(name), reading, parsed)
    return settle(reading, describeShare(reading.label, parsed, present, bad) + note)
  }
  return undefined
}

/** A reading that holds on the first values of a column. */
interface LikelyReading {
  readonly reading: TextReading
  /** How many of the values that were looked at parse. */
  readonly parsed: number
}

interface CandidateHits {
  readonly name: string
  /** Distinct values that were looked at. */
  readonly total: number
  readonly likely: readonly LikelyReading[]
}

/** Which candidates hold on the distinct ones of the first values of each column; all columns in one statement. */
async function countCandidates(context: TextContext, names: readonly string[]): Promise<CandidateHits[]> {
  const first = names.map((name) => {
    const text = quoteName(name)
    return `SELECT ${quoteTexts([name])} AS name, v FROM (SELECT ${text} AS v FROM ${context.relation} WHERE ${text} IS NOT NULL LIMIT ${SAMPLE_VALUES})`
  })
  return names.length === 0 ? [] : hitsOf(context, names, first.join(' UNION ALL '))
}

/** The same for the first rows of a sample. */
export async function countSampledCandidates(context: TextContext, names: readonly string[]): Promise<CandidateHits[]> {
  return names.length === 0 ? [] : hitsOf(context, names, unpivotSql(context, names, SAMPLE_VALUES))
}

async function hitsOf(context: TextContext, names: readonly string[], values: string): Promise<CandidateHits[]> {
  const counts = textCandidates(context, 'v').map(({ proof }, at) => `count(${proof}) AS parsed_${at}`)
  const sql = `SELECT name, count(*) AS total, ${counts.join(', ')} FROM (SELECT DISTINCT name, v FROM (${values})) GROUP BY name`
  const rows = await context.session.rows(sql, context.failure)
  const byName = new Map(rows.map((row) => [String(row.name), row]))
  return names.map((name) => {
    const row = byName.get(name) ?? {}
    const total = Number(row.total ?? 0)
    const likely = textCandidates(context, quoteName(name))
      .map((reading, at) => ({ reading, parsed: Number(row[`parsed_${at}`] ?? 0) }))
      .filter(({ parsed }) => total > 0 && parsed >= total * MIN_PARSE_SHARE)
    return { name, total, likely }
  })
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
