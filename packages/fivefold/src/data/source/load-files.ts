import { statSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { FivefoldError } from '../../core/index.ts'
import type { DuckSession } from '../duck/session.ts'
import { quoteName, quoteText, quoteTexts } from '../duck/sql.ts'
import type { SourceOptions } from '../table.ts'
import { requireDistinctNames } from './column-names.ts'
import { type CsvDialect, detectCsvDialect } from './csv-dialect.ts'
import type { FileSource } from './location.ts'

/** A long text in one cell is a document, not an error; DuckDB's own limit is 2 MB. */
const MAX_LINE_BYTES = 8 << 20

/** The SQL of a relation over files, in the order of their names. */
export async function fileRelation(session: DuckSession, source: FileSource, options: SourceOptions): Promise<string> {
  const files = await listFiles(session, source)
  const paths = files.map((file, at) => plainPath(session, file, at))
  if (source.format === 'csv') return csvRelation(files, paths, options)
  if (files.every((file) => statSync(file).size === 0))
    throw new FivefoldError('DATA_EMPTY', `'${source.path}' is empty`)
  if (source.format === 'parquet') return `read_parquet([${quoteTexts(paths)}], union_by_name = false)`
  return `read_json([${quoteTexts(paths)}], sample_size = -1, maximum_depth = 2, union_by_name = true, maximum_object_size = ${MAX_LINE_BYTES})`
}

export async function listFiles(session: DuckSession, source: FileSource): Promise<string[]> {
  if (!source.isGlob) return [source.path]
  const found = await session.rows(`SELECT file FROM glob(${quoteText(source.path)}) ORDER BY file`, {
    code: 'DATA_NOT_FOUND',
    place: source.path,
  })
  if (found.length === 0) throw new FivefoldError('DATA_NOT_FOUND', `no file matches '${source.path}'`)
  return found.map((row) => String(row.file))
}

export async function sizeOfFiles(session: DuckSession, source: FileSource): Promise<number> {
  const files = await listFiles(session, source)
  return files.reduce((sum, file) => sum + statSync(file).size, 0)
}

/** DuckDB would take the brackets of a file named `data[1].csv` for a pattern; a link with a plain name avoids that. */
function plainPath(session: DuckSession, file: string, at: number): string {
  if (!/[*?[\]{}]/.test(file)) return file
  const extension = /(\.[a-z0-9]+){0,2}$/i.exec(file)?.[0] ?? ''
  const link = join(session.folder, `source-${at}${extension}`)
  symlinkSync(resolve(file), link)
  return link
}

async function csvRelation(
  files: readonly string[],
  paths: readonly string[],
  options: SourceOptions,
): Promise<string> {
  const dialect = await detectCsvDialect(files[0]!, options)
  requireDistinctNames(`'${files[0]}'`, dialect.columns)
  for (const file of files.slice(1)) requireSameHeader(file, dialect, await detectCsvDialect(file, options))
  const columns = dialect.columns.map((name) => `${quoteText(name)}: 'VARCHAR'`).join(', ')
  return `read_csv([${quoteTexts(paths)}], auto_detect = false, header = ${dialect.hasHeader},
    delim = ${quoteText(dialect.delimiter)}, quote = '"', escape = '"', columns = {${columns}},
    encoding = ${quoteText(dialect.encoding)}, max_line_size = ${MAX_LINE_BYTES}, buffer_size = ${4 * MAX_LINE_BYTES}${gzip(files)})`
}

function gzip(files: readonly string[]): string {
  return files.every((file) => file.endsWith('.gz')) ? `, compression = 'gzip'` : ''
}

function requireSameHeader(file: string, expected: CsvDialect, found: CsvDialect): void {
  const differing = expected.columns.findIndex((name, at) => name !== found.columns[at])
  if (differing < 0 && expected.columns.length === found.columns.length) return
  throw new FivefoldError(
    'DATA_UNREADABLE',
    `'${file}': its header differs from that of the first file (${found.columns.map(quoteName).join(', ')})`,
    { remedy: 'Files of one glob need the same columns in the same order.' },
  )
}
