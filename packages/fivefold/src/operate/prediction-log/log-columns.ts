import {
  type Column,
  type ColumnSchema,
  columnOf,
  type Frame,
  type Schema,
  stringColumnFrom,
} from '../../data/index.ts'
import type { LogRecord, SegmentHeader } from './log-record.ts'

/** Columns of the log's own: before the inputs, and the outputs after them. */
const TAKEN_NAME = /^(request_id|row|time|model|model_version|label|prediction|probability_.*|input_.*)$/i

/** The log's name of an input: its own, with `input_` before it where the log has a column of that name itself. */
export function loggedInputName(name: string): string {
  return TAKEN_NAME.test(name) ? `input_${name}` : name
}

/**
 * The inputs of a log under their own names, to be compared with other rows of the model.
 *
 * @param inputs the model's, in its order
 * @throws DATA_COLUMN_UNKNOWN where the log is of a model that takes other columns
 */
export function loggedInputs(log: Frame, inputs: readonly Pick<ColumnSchema, 'name'>[]): Frame {
  const taken = OWN_NAMES.map((name) => ({ name }))
  const columns = new Map<string, Column>()
  for (const { name } of inputs) {
    const logged = freeName(loggedInputName(name), taken)
    taken.push({ name: logged })
    columns.set(name, columnOf(log, logged))
  }
  return { rowCount: log.rowCount, columns }
}

const OWN_NAMES = ['request_id', 'row', 'time', 'model', 'model_version']

export interface LoggedFrame {
  readonly frame: Frame
  readonly schema: Schema
}

/** One row a predicted row. */
export function frameOfRecords(header: SegmentHeader, records: readonly LogRecord[]): LoggedFrame {
  const columns = new Map<string, Column>()
  const described: ColumnSchema[] = []
  const add: AddColumn = (wanted, stored, values) => {
    const name = freeName(wanted, described)
    const column = stored === 'text' ? stringColumnFrom(values) : numbersOf(values)
    columns.set(name, column)
    described.push({ name, ...SCHEMAS[stored], nullable: true, evidence: 'declared' })
  }
  const perRow = <T>(value: (record: LogRecord, row: number) => T): T[] =>
    records.flatMap((record) => Array.from({ length: record.rows }, (_, row) => value(record, row)))
  add(
    'request_id',
    'text',
    perRow(({ id }) => id),
  )
  add(
    'row',
    'integer',
    perRow((_, row) => row),
  )
  add(
    'time',
    'datetime',
    perRow(({ timeMs }) => timeMs),
  )
  add(
    'model',
    'text',
    perRow(() => header.model),
  )
  add(
    'model_version',
    'text',
    perRow(() => header.version),
  )
  header.inputs.forEach((column, c) => {
    const values = perRow(({ inputs }, row) => inputs[c]?.[row] ?? null)
    add(loggedInputName(column.name), storedAs(column, values), values)
  })
  addOutputs(header, perRow, add)
  return { frame: { rowCount: rowsOf(records), columns }, schema: { columns: described } }
}

type AddColumn = (name: string, stored: Stored, values: readonly (number | string | null)[]) => void
type PerRow = <T>(value: (record: LogRecord, row: number) => T) => T[]

function addOutputs({ classes }: SegmentHeader, perRow: PerRow, add: AddColumn): void {
  if (classes.length === 0) {
    add(
      'prediction',
      'number',
      perRow(({ outputs }, row) => outputs[row] ?? null),
    )
    return
  }
  add(
    'label',
    'text',
    perRow(({ labels }, row) => labels?.[row] ?? null),
  )
  classes.forEach((name, k) => {
    add(
      `probability_${name}`,
      'number',
      perRow(({ outputs }, row) => outputs[row * classes.length + k] ?? null),
    )
  })
}

const rowsOf = (records: readonly LogRecord[]): number => records.reduce((sum, { rows }) => sum + rows, 0)

type Stored = 'text' | 'number' | 'integer' | 'boolean' | 'datetime'

const SCHEMAS = {
  text: { type: 'text', tensor: 'string' },
  number: { type: 'number', tensor: 'double' },
  integer: { type: 'integer', tensor: 'int64' },
  boolean: { type: 'boolean', tensor: 'bool' },
  datetime: { type: 'datetime', tensor: 'double' },
} as const satisfies Record<Stored, Pick<ColumnSchema, 'type' | 'tensor'>>

/** The narrowest type that keeps every value as it was: a file that cannot be written would never be compacted. */
function storedAs({ type, tensor }: Pick<ColumnSchema, 'type' | 'tensor'>, values: readonly unknown[]): Stored {
  if (tensor === 'string') return 'text'
  if (tensor === 'int64') return 'integer'
  if (tensor === 'bool') return 'boolean'
  return type === 'datetime' && values.every(isWholeMillisecond) ? 'datetime' : 'number'
}

const MAX_DATE_MS = 8.64e15
const isWholeMillisecond = (value: unknown): boolean =>
  value === null || (Number.isInteger(value) && Math.abs(Number(value)) <= MAX_DATE_MS)

/** Parquet readers such as DuckDB do not tell 'Age' from 'age'. */
function freeName(wanted: string, taken: readonly Pick<ColumnSchema, 'name'>[]): string {
  const isTaken = (name: string): boolean => taken.some((column) => column.name.toLowerCase() === name.toLowerCase())
  let name = wanted
  for (let n = 2; isTaken(name); n++) name = `${wanted}_${n}`
  return name
}

function numbersOf(values: readonly (number | string | null)[]): Column {
  return {
    kind: 'number',
    values: Float64Array.from(values, (value) => (typeof value === 'number' ? value : Number.NaN)),
  }
}
