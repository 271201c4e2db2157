import type { MediaNames } from '../wire/media-types.ts'

/** What tables go over the wire as: rows in, predictions out. */
export type TableType =
  | 'application/json'
  | 'application/jsonlines'
  | 'text/csv'
  | 'application/vnd.apache.arrow.stream'
  | 'application/vnd.apache.arrow.file'
  | 'application/vnd.apache.parquet'

export const TABLE_TYPES: MediaNames<TableType> = {
  'application/json': 'application/json',
  'application/jsonlines': 'application/jsonlines',
  'application/x-jsonlines': 'application/jsonlines',
  'application/x-ndjson': 'application/jsonlines',
  'text/csv': 'text/csv',
  'application/vnd.apache.arrow.stream': 'application/vnd.apache.arrow.stream',
  'application/vnd.apache.arrow.file': 'application/vnd.apache.arrow.file',
  'application/vnd.apache.parquet': 'application/vnd.apache.parquet',
  'application/parquet': 'application/vnd.apache.parquet',
  'application/x-parquet': 'application/vnd.apache.parquet',
}
