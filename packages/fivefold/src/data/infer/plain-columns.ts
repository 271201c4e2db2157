import { quoteName } from '../duck/sql.ts'
import { ISO_FORMAT } from './datetime-formats.ts'
import { type Demand, EXACT_INTEGER_LIMIT, type Reading, type Storage } from './reading.ts'
import { countSampledCandidates, countSampledShapes, type TextContext, type TextCounts } from './text-columns.ts'
import { datetimeReading } from './text-readings.ts'

/** What a column of a text file plainly is, as far as its first rows tell. */
export type PlainKind = 'integers' | 'numbers' | 'true or false' | 'datetimes' | 'texts'

const STORAGES: Readonly<Record<PlainKind, Storage>> = {
  integers: 'BIGINT',
  numbers: 'DOUBLE',
  'true or false': 'BOOLEAN',
  datetimes: 'TIMESTAMP',
  texts: 'VARCHAR',
}
/** A column of which so many first values parse may be numbers with a few words among them: that takes a closer look. */
const DOUBTFUL_PARSE_SHARE = 0.8

/** The columns whose first rows leave one reading only; all others need a look at every row first. */
export async function plainColumns(sample: TextContext, names: readonly string[]): Promise<Map<string, PlainKind>> {
  const counts = await countSampledShapes(sample, names)
  const kinds = new Map<string, PlainKind>()
  const wordy: string[] = []
  for (const name of names) {
    const kind = kindOfCounts(counts.get(name)!)
    if (kind === 'words') wordy.push(name)
    else if (kind && sample.decimal !== ',') kinds.set(name, kind)
  }
  for (const [name, kind] of await kindsOfWords(sample, wordy)) kinds.set(name, kind)
  return kinds
}

function kindOfCounts(counts: TextCounts): PlainKind | 'words' | undefined {
  const { present, doubles, integers, zeroPadded, nonFinite, booleans, largest } = counts
  if (present === 0) return undefined
  if (booleans === present) return 'true or false'
  if (doubles < present) {
    const doubtful = Math.max(doubles, booleans) >= present * DOUBTFUL_PARSE_SHARE
    return doubtful ? undefined : 'words'
  }
  if (nonFinite > 0) return undefined
  if (integers === doubles) return largest > EXACT_INTEGER_LIMIT ? undefined : 'integers'
  // One fraction at least keeps digits with leading zeros from being codes.
  return integers + zeroPadded < doubles ? 'numbers' : undefined
}

async function kindsOfWords(sample: TextContext, names: readonly string[]): Promise<[string, PlainKind][]> {
  const hits = await countSampledCandidates(sample, names)
  return hits.flatMap(({ name, total, likely }): [string, PlainKind][] => {
    if (total === 0) return []
    const [first] = likely
    if (first === undefined) return [[name, 'texts']]
    return first.reading.datetimeFormat === ISO_FORMAT && first.parsed === total ? [[name, 'datetimes']] : []
  })
}

/** The kind that a demand amounts to where every value is written in the plainest way. */
export function plainKindOfDemand({ storage, datetimeFormat }: Demand): PlainKind | undefined {
  if (storage === 'TIMESTAMP' && datetimeFormat !== undefined && datetimeFormat !== ISO_FORMAT) return undefined
  return (Object.keys(STORAGES) as PlainKind[]).find((kind) => STORAGES[kind] === storage)
}

/** How a column that was stored as its kind says is read: as it is. */
export function plainReading(name: string, kind: PlainKind, detail: string): Reading {
  return {
    storage: STORAGES[kind],
    sql: quoteName(name),
    detail,
    ...(kind === 'datetimes' ? { datetimeFormat: ISO_FORMAT } : {}),
  }
}

/** What `plainReading` has to say where nobody declared the type. */
export function plainDetail(kind: PlainKind, present: number): string {
  if (kind === 'texts') return ''
  if (kind === 'true or false') return `all ${present} values are true or false`
  return `all ${present} values parse as ${kind === 'datetimes' ? `datetimes (${ISO_FORMAT})` : kind}`
}

/** How the message begins with which the database stops at a value that is not of its column's kind. */
const REFUSAL = 'not plain: column '
export const refusedColumn = (message: string): number | undefined => {
  const at = new RegExp(`${REFUSAL}(\\d+)`).exec(message)?.[1]
  return at === undefined ? undefined : Number(at)
}

interface RawText {
  /** The column as it stands in the file. */
  readonly text: string
  /** It without the blanks around it. */
  readonly trimmed: string
  /** Whether it means missing. */
  readonly isMissing: string
  /** Whether a mark of missing values could be taken for a value, so that it has to be looked for first. */
  readonly markIsValue: boolean
}

/**
 * SQL of a raw text as its kind. The common case is tried on the text as it is, since trimming and comparing it with the
 * marks of missing values takes as long as reading it; what does not fit then is missing, blank-padded or refused.
 */
export function plainSql(kind: Exclude<PlainKind, 'texts'>, at: number, raw: RawText): string {
  const { text, trimmed, isMissing, markIsValue } = raw
  // Nothing of the text, but dependent on it: a constant would be computed before the first row is read.
  const refuse = `CAST(error('${REFUSAL}${at} ' || left(${text}, 0)) AS ${STORAGES[kind]})`
  const missing = `WHEN ${text} IS NULL OR ${isMissing} THEN NULL`
  const plain = `WHEN ${proof(kind, text)} THEN ${parse(kind, text)}`
  const padded = kind === 'numbers' ? '' : `WHEN ${proof(kind, trimmed)} THEN ${parse(kind, trimmed)}`
  return `(CASE ${markIsValue ? `${missing} ${plain}` : `${plain} ${missing}`} ${padded} ELSE ${refuse} END)`
}

function parse(kind: PlainKind, text: string): string {
  if (kind === 'datetimes') return datetimeReading(text, ISO_FORMAT).sql
  if (kind === 'true or false') return `(lower(${text}) = 'true')`
  return `TRY_CAST(${text} AS ${STORAGES[kind]})`
}

function proof(kind: PlainKind, text: string): string {
  if (kind === 'datetimes') return `${parse(kind, text)} IS NOT NULL`
  if (kind === 'true or false') return `lower(${text}) = 'true' OR lower(${text}) = 'false'`
  if (kind === 'numbers') return `isfinite(${parse(kind, text)})`
  const value = parse(kind, text)
  return `CAST(${value} AS VARCHAR) = ${text} AND abs(${value}) <= ${EXACT_INTEGER_LIMIT}`
}
