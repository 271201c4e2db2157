import { FivefoldError } from '../../core/index.ts'

/**
 * Reads CSV (RFC 4180: commas, quotes doubled inside quotes, CRLF or LF) with a header line. Cells stay texts; what they
 * mean is for the model's columns to say.
 *
 * @throws REQUEST_INVALID for a quote without its end, a row of another length than the header, a name given twice
 */
export function parseCsvRows(text: string, maxRows: number): Record<string, string>[] {
  const [header, ...lines] = parseCells(text.replace(/^\uFEFF/, ''), maxRows + 1)
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
  const twice = header.find((name, i) => header.indexOf(name) !== i)
  if (twice !== undefined) throw new FivefoldError('REQUEST_INVALID', `the header names column '${twice}' twice`)
}

/** Cells of each line. Reads at most `maxLines + 1` lines: the caller refuses more, and need not hold them all. */
function parseCells(text: string, maxLines: number): string[][] {
  const lines: string[][] = []
  let cells: string[] = []
  let at = 0
  let lineStart = 0
  while (at < text.length && lines.length <= maxLines) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at)
    cells.push(cell.value)
    at = cell.end
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

const PLAIN_END = /[,\n]|\r\n|$/g

function plainCell(text: string, start: number): Cell {
  PLAIN_END.lastIndex = start
  const end = PLAIN_END.exec(text)?.index ?? text.length
  return { value: text.slice(start, end), end }
}

function quotedCell(text: string, start: number): Cell {
  let value = ''
  let at = start + 1
  while (true) {
    const quote = text.indexOf('"', at)
    if (quote < 0) throw new FivefoldError('REQUEST_INVALID', `the quote at character ${start} of the CSV has no end`)
    value += text.slice(at, quote)
    if (text[quote + 1] !== '"')
      return { value: value + textAfterQuote(text, quote + 1), end: cellEnd(text, quote + 1) }
    value += '"'
    at = quote + 2
  }
}

const textAfterQuote = (text: string, at: number): string => text.slice(at, cellEnd(text, at))
const cellEnd = (text: string, at: number): number => plainCell(text, at).end
