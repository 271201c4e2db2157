import { type ErrorCode, FivefoldError } from '../../core/index.ts'

const CSV_LINE = /CSV Error on Line: (\d+)/
const CSV_DETAIL =
  /(Expected Number of Columns: \d+ Found: \d+|Value with unterminated quote[^\n]*|Invalid unicode[^\n]*|Maximum line size[^\n]*|unterminated quote[^\n]*)/i

/** Turns what DuckDB threw into an error of ours: first line only, the line of the file where it is known. */
export function duckError(thrown: unknown, fallback: ErrorCode, place: string): FivefoldError {
  if (thrown instanceof FivefoldError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (/^INTERRUPT Error/i.test(message)) return new FivefoldError('CANCELLED', 'interrupted', { cause: thrown })
  if (/No space left|Could not write all bytes|ENOSPC|max_temp_directory_size/i.test(message))
    return new FivefoldError('STORAGE_FULL', `${place}: no space left for temporary data`, { cause: thrown })
  if (/Permission denied/i.test(message))
    return new FivefoldError('STORAGE_DENIED', `${place}: permission denied`, { cause: thrown })
  return new FivefoldError(fallback, `${place}: ${describe(message)}`, { cause: thrown })
}

function describe(message: string): string {
  const line = CSV_LINE.exec(message)?.[1]
  if (line === undefined) return firstLine(message)
  const detail = CSV_DETAIL.exec(message)?.[1]
  return `line ${line}: ${detail ? plainDetail(detail) : firstLine(message.slice(message.indexOf('\n') + 1))}`
}

function plainDetail(detail: string): string {
  const counts = /Columns: (\d+) Found: (\d+)/i.exec(detail)
  return counts ? `expected ${counts[1]} values, found ${counts[2]}` : detail
}

function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? ''
  return line
    .replace(/^(Invalid Input|Binder|Catalog|Conversion|IO|Parser|Invalid|Out of Range) Error: /, '')
    .slice(0, 400)
}
