import { type Column, type ColumnSchema, type Frame, stringColumnFrom } from '../../data/index.ts'
import type { LogRecord, SegmentHeader } from './log-record.ts'

/** Columns that the log adds before the inputs; outputs follow them (`label` and `probability_<class>`, or `prediction`). */
const OWN_COLUMNS = ['request_id', 'row', 'time', 'model', 'model_version']
const OUTPUT_COLUMN = /^(label|prediction|probability_.*)$/

/** The log's name of an input: its own, with `input_` before it where the log has a column of that name itself. */
export function loggedInputName(name: string): string {
  return OWN_COLUMNS.includes(name) || OUTPUT_COLUMN.test(name) || name.startsWith('input_') ? `input_${name}` : name
}

/** How a column is kept in Parquet. */
export type StoredType = 'VARCHAR' | 'DOUBLE' | 'BIGINT' | 'BOOLEAN' | 'TIMESTAMP'

export interface LoggedFrame {
  readonly frame: Frame
  readonly types: ReadonlyMap<string, StoredType>
}

/** One row a predicted row. */
export function frameOfRecords(header: SegmentHeader, records: readonly LogRecord[]): LoggedFrame {
  const columns = new Map<string, Column>()
  const types = new Map<string, StoredType>()
  const add = (name: string, type: StoredType, values: readonly (number | string | null)[]): void => {
    columns.set(name, type === 'VARCHAR' ? stringColumnFrom(values) : numbersOf(values))
    types.set(name, type)
  }
  const perRow = <T>(value: (record: LogRecord, row: number) => T): T[] =>
    records.flatMap((record) => Array.from({ length: record.rows }, (_, row) => value(record, row)))
  add(
    'request_id',
    'VARCHAR',
    perRow(({ id }) => id),
  )
  add(
    'row',
    'BIGINT',
    perRow((_, row) => row),
  )
  add(
    'time',
    'TIMESTAMP',
    perRow(({ timeMs }) => timeMs),
  )
  add(
    'model',
    'VARCHAR',
    perRow(() => header.model),
  )
  add(
    'model_version',
    'VARCHAR',
    perRow(() => header.version),
  )
  header.inputs.forEach((column, c) => {
    add(
      loggedInputName(column.name),
      storedType(column),
      perRow(({ inputs }, row) => inputs[c]?.[row] ?? null),
    )
  })
  addOutputs(header, perRow, add)
  return { frame: { rowCount: rowsOf(records), columns }, types }
}

type AddColumn = (name: string, type: StoredType, values: readonly (number | string | null)[]) => void
type PerRow = <T>(value: (record: LogRecord, row: number) => T) => T[]

function addOutputs({ classes }: SegmentHeader, perRow: PerRow, add: AddColumn): void {
  if (classes.length === 0) {
    add(
      'prediction',
      'DOUBLE',
      perRow(({ outputs }, row) => outputs[row] ?? null),
    )
    return
  }
  add(
    'label',
    'VARCHAR',
    perRow(({ labels }, row) => labels?.[row] ?? null),
  )
  classes.forEach((name, k) => {
    add(
      `probability_${name}`,
      'DOUBLE',
      perRow(({ outputs }, row) => outputs[row * classes.length + k] ?? null),
    )
  })
}

const rowsOf = (records: readonly LogRecord[]): number => records.reduce((sum, { rows }) => sum + rows, 0)

function storedType({ type, tensor }: Pick<ColumnSchema, 'type' | 'tensor'>): StoredType {
  if (tensor === 'string') return 'VARCHAR'
  if (type === 'datetime') return 'TIMESTAMP'
  if (type === 'boolean' || tensor === 'bool') return 'BOOLEAN'
  return tensor === 'int64' ? 'BIGINT' : 'DOUBLE'
}

function numbersOf(values: readonly (number | string | null)[]): Column {
  return {
    kind: 'number',
    values: Float64Array.from(values, (value) => (typeof value === 'number' ? value : Number.NaN)),
  }
}
