import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { FivefoldError } from '../../core/index.ts'
import type { SourceOptions } from '../table.ts'
import { readCsvRecords } from './csv-record.ts'

const SAMPLE_BYTES = 1 << 20
const SAMPLE_RECORDS = 50
const DELIMITERS = [',', ';', '\t', '|'] as const

export interface CsvDialect {
  readonly delimiter: string
  readonly encoding: 'utf-8' | 'latin-1'
  readonly hasHeader: boolean
  readonly columns: readonly string[]
}

/** Looks at the first mebibyte of a CSV file: encoding, delimiter, header. */
export async function detectCsvDialect(path: string, options: SourceOptions): Promise<CsvDialect> {
  const bytes = await readStart(path)
  const encoding = options.encoding ?? encodingOf(bytes)
  const text = decode(bytes, encoding)
  if (text.trim() === '') throw new FivefoldError('DATA_EMPTY', `'${path}' is empty`)
  if (text.includes('\0'))
    throw new FivefoldError('DATA_UNREADABLE', `'${path}' is not text: it contains NUL bytes`, {
      remedy: 'Pass --format where the extension misleads; UTF-16 files need converting to UTF-8.',
    })
  const delimiter = options.delimiter ?? guessDelimiter(text)
  const header = readCsvRecords(text, delimiter, 1)[0] ?? []
  if (options.columns) {
    requireWidth(path, options.columns, header)
    return { delimiter, encoding, hasHeader: false, columns: options.columns }
  }
  return { delimiter, encoding, hasHeader: true, columns: header.map((name, at) => nameOf(name, at)) }
}

function requireWidth(path: string, columns: readonly string[], first: readonly string[]): void {
  if (first.length === columns.length) return
  throw new FivefoldError(
    'DATA_UNREADABLE',
    `'${path}': line 1 has ${first.length} values, and ${columns.length} column names were given`,
  )
}

/** A header cell may be blank, as the one over row names that R and pandas write. */
function nameOf(cell: string, at: number): string {
  const name = cell.trim()
  return name === '' ? `column${at}` : name
}

async function readStart(path: string): Promise<Buffer> {
  const file = createReadStream(path, path.endsWith('.gz') ? {} : { end: SAMPLE_BYTES - 1 })
  const stream = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of stream) {
      pieces.push(piece as Buffer)
      size += (piece as Buffer).length
      if (size >= SAMPLE_BYTES) break
    }
  } catch (error) {
    const failure = FivefoldError.from(error, 'DATA_UNREADABLE')
    throw new FivefoldError(failure.code, `'${path}': ${failure.message}`, { cause: error })
  } finally {
    file.destroy()
  }
  return Buffer.concat(pieces)
}

/** UTF-8 unless the bytes are none; the sample may end within a character, so its last four bytes do not count. */
function encodingOf(bytes: Buffer): CsvDialect['encoding'] {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, Math.max(0, bytes.length - 4)), { stream: true })
    return 'utf-8'
  } catch {
    return 'latin-1'
  }
}

function decode(bytes: Buffer, encoding: CsvDialect['encoding']): string {
  const text = encoding === 'utf-8' ? bytes.toString('utf8') : bytes.toString('latin1')
  return text.replace(/^\uFEFF/, '')
}

/** The delimiter under which most records have the width of the first one, wider being better. */
function guessDelimiter(text: string): string {
  let best: string = ','
  let bestScore = 0
  for (const delimiter of DELIMITERS) {
    const records = readCsvRecords(text, delimiter, SAMPLE_RECORDS)
    const width = records[0]?.length ?? 1
    if (width < 2) continue
    const agreeing = records.filter((record) => record.length === width).length
    const score = (agreeing / records.length) ** 2 * Math.log2(width)
    if (score > bestScore) {
      best = delimiter
      bestScore = score
    }
  }
  return best
}
