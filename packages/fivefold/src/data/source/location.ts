import { existsSync, statSync } from 'node:fs'
import { FivefoldError } from '../../core/index.ts'
import type { SourceOptions } from '../table.ts'

export type FileFormat = NonNullable<SourceOptions['format']>

export interface FileSource {
  readonly kind: 'files'
  /** Path of one file, or a glob pattern where no file of that very name exists. */
  readonly path: string
  readonly isGlob: boolean
  readonly format: FileFormat
}

export interface DatabaseSource {
  readonly kind: 'duckdb' | 'postgres'
  /** File of the database, or its URL without our own parameters. */
  readonly address: string
  readonly relation: { readonly table: string } | { readonly query: string }
  /** What may be shown in messages: no password. */
  readonly shownAs: string
}

export type Source = FileSource | DatabaseSource

export function parseLocation(options: SourceOptions): Source {
  const { location } = options
  if (location.includes('\0')) throw new FivefoldError('DATA_NOT_FOUND', 'the location contains a NUL character')
  if (location.startsWith('duckdb:')) return parseDuckdb(location)
  if (/^postgres(ql)?:\/\//.test(location)) return parsePostgres(location)
  return parseFile(location, options.format)
}

function parseFile(path: string, format: FileFormat | undefined): FileSource {
  if (existsSync(path)) {
    if (statSync(path).isDirectory())
      throw new FivefoldError('DATA_NOT_FOUND', `'${path}' is a folder`, {
        remedy: `Name the files in it, for example '${path}/*.parquet'.`,
      })
    return { kind: 'files', path, isGlob: false, format: format ?? formatOf(path) }
  }
  if (!/[*?[]/.test(path)) throw new FivefoldError('DATA_NOT_FOUND', `no file '${path}'`)
  return { kind: 'files', path, isGlob: true, format: format ?? formatOf(path) }
}

function formatOf(path: string): FileFormat {
  const name = path.toLowerCase().replace(/\.(gz|zst)$/, '')
  if (/\.(parquet|pq)$/.test(name)) return 'parquet'
  if (/\.(jsonl|ndjson|json)$/.test(name)) return 'jsonl'
  return 'csv'
}

function parseDuckdb(location: string): DatabaseSource {
  const rest = location.slice('duckdb:'.length)
  const mark = rest.indexOf('?')
  const address = mark < 0 ? rest : rest.slice(0, mark)
  if (!existsSync(address)) throw new FivefoldError('DATA_NOT_FOUND', `no DuckDB file '${address}'`)
  const relation = relationOf(new URLSearchParams(mark < 0 ? '' : rest.slice(mark + 1)), `duckdb:${address}`)
  return { kind: 'duckdb', address, relation, shownAs: `duckdb:${address}?${describe(relation)}` }
}

function parsePostgres(location: string): DatabaseSource {
  const mark = location.indexOf('?')
  const bare = mark < 0 ? location : location.slice(0, mark)
  const parameters = new URLSearchParams(mark < 0 ? '' : location.slice(mark + 1))
  const shownAs = bare.replace(/\/\/[^@/]*@/, '//')
  const relation = relationOf(parameters, shownAs)
  parameters.delete('table')
  parameters.delete('query')
  const left = parameters.toString()
  return {
    kind: 'postgres',
    address: left === '' ? bare : `${bare}?${left}`,
    relation,
    shownAs: `${shownAs}?${describe(relation)}`,
  }
}

function relationOf(parameters: URLSearchParams, shownAs: string): DatabaseSource['relation'] {
  const table = parameters.get('table')
  const query = parameters.get('query')
  if ((table === null) === (query === null))
    throw new FivefoldError('OPTION_INVALID', `${shownAs}: give either ?table=NAME or ?query=SELECT ...`)
  return table === null ? { query: (query ?? '').replace(/;\s*$/, '') } : { table }
}

function describe(relation: DatabaseSource['relation']): string {
  return 'table' in relation ? `table=${relation.table}` : `query=${relation.query}`
}
