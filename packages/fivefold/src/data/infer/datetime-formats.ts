import { quoteText } from '../duck/sql.ts'

/** ISO 8601 and its common relaxations, an offset taken into account, none read as UTC. */
export const ISO_FORMAT = 'ISO 8601'

const DATE_PATTERNS = [
  '%m/%d/%Y',
  '%d/%m/%Y',
  '%d.%m.%Y',
  '%m-%d-%Y',
  '%d-%m-%Y',
  '%m/%d/%y',
  '%d/%m/%y',
  '%d-%b-%Y',
  '%d %b %Y',
  '%d %B %Y',
  '%b %d, %Y',
  '%B %d, %Y',
  '%Y.%m.%d',
]
const TIME_PATTERNS = ['', ' %H:%M:%S', ' %H:%M', ' %H:%M:%S.%f', ' %I:%M:%S %p', ' %I:%M %p']

/** Formats in order of preference; each is one reading for the whole column, times of day optional in no row. */
export const DATETIME_FORMATS: readonly string[] = [
  ISO_FORMAT,
  ...DATE_PATTERNS.flatMap((date) => TIME_PATTERNS.map((time) => date + time)),
]

/** The other order of day and month, where exchanging them makes another valid format. */
export function swappedDayAndMonth(format: string): string | undefined {
  const swapped = format.replace(/^%([md])([/-])%([md])/, '%$3$2%$1')
  return swapped === format ? undefined : swapped
}

/** SQL of a TIMESTAMP from a text, NULL where it does not parse. */
export function datetimeSql(text: string, format: string): string {
  if (format !== ISO_FORMAT) return `try_strptime(${text}, ${quoteText(format)})`
  // The first character keeps out 'epoch' and 'infinity', which DuckDB would take.
  return `(CASE WHEN ${text} BETWEEN '0' AND ':' THEN TRY_CAST(${text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END)`
}

export function ambiguityNote(rival: string): string {
  return `ambiguous, since ${rival} fits as well and month first was taken`
}
