import { FivefoldError } from '../../../core/index.ts'

export interface CsvBounds {
  readonly rows: number
  readonly columns: number
}

/**
 * Reads CSV (RFC 4180: commas, quotes doubled inside quotes, CRLF or LF) with a header line. Cells stay texts; what they
 * mean is for the model's columns to say.
 *
 * @throws REQUEST_INVALID for a quote without its end, a row of another length than the header, a name given twice;
 *   REQUEST_TOO_LARGE for more columns than the bound
 */
export function parseCsvRows(text: string, most: CsvBounds): Record<string, string>[] {
  const [header, ...lines] = parseCells(text.replace(/^\uFEFF/, ''), most)
  if (!header) return []
  refuseTwice(header)
  return lines.map((cells, row) => {
    if (cells.length !== header.length)
      throw new FivefoldError('REQUEST_INVALID', `row ${row} has ${cells.length} cells, the header ${header.length}`, {
        issues: [{ path: ['rows', row], message: `has ${cells.length} cells instead of ${header.length}` }],
      })
    return Object.fromEntries(header.map((name, i) => [name, cells[i]!]))
  })
}

function refuseTwice(header: readonly string[]): void {
  const names = new Set<string>()
  for (const name of header) {
    if (names.has(name)) throw new FivefoldError('REQUEST_INVALID', `the header names column '${name}' twice`)
    names.add(name)
  }
}

/** Cells of each line. Reads one line more than there may be: the caller refuses more, and need not hold them all. */
export function parseCells(text: string, { rows, columns }: CsvBounds): string[][] {
  const lines: string[][] = []
  let cells: string[] = []
  let at = 0
  let lineStart = 0
  while (at < text.length && lines.length <= rows + 1) {
    if (at === lineStart && text.charCodeAt(at) === NEWLINE) {
      lineStart = ++at
      continue
    }
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at)
    cells.push(cell.value)
    at = cell.end
    if (cells.length > columns)
      throw new FivefoldError('REQUEST_TOO_LARGE', `more than ${columns} columns in a line of the CSV`)
    if (text[at] === ',') {
      at++
      if (at < text.length) continue
      cells.push('')
    }
    // A blank line is no row; a lone "" is one, with its only cell missing.
    if (at > lineStart) lines.push(cells)
    at += text[at] === '\r' ? 2 : 1
    lineStart = at
    cells = []
  }
  return lines
}

interface Cell {
  readonly value: string
  readonly end: number
}

const [COMMA, NEWLINE, RETURN, QUOTE] = [0x2c, 0x0a, 0x0d, 0x22]

function plainCell(text: string, start: number): Cell {
  let end = start
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === COMMA || code === NEWLINE) break
    if (code === RETURN && text.charCodeAt(end + 1) === NEWLINE) break
  }
  return { value: text.slice(start, end), end }
}

/** Longer than any text that a model reads. */
const MAX_CELL_CHARACTERS = 1 << 20

function quotedCell(text: string, start: number): Cell {
  const limit = Math.min(text.length, start + MAX_CELL_CHARACTERS)
  let quote = start + 1
  for (; quote < limit; quote++) {
    if (text.charCodeAt(quote) !== QUOTE) continue
    if (text.charCodeAt(quote + 1) !== QUOTE) break
    quote++
  }
  if (quote >= limit && limit < text.length)
    throw new FivefoldError('REQUEST_TOO_LARGE', `a cell of the CSV has more than ${MAX_CELL_CHARACTERS} characters`)
  if (quote >= limit)
    throw new FivefoldError('REQUEST_INVALID', `the quote at character ${start} of the CSV has no end`)
  const quoted = text.slice(start + 1, quote).replaceAll('""', '"')
  const rest = plainCell(text, quote + 1)
  return { value: quoted + rest.value, end: rest.end }
}

/** A text as a cell, in quotes where it would be more than one without. */
export const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
