import type { Column, ColumnSchema, Frame, Predictions } from '../../data/index.ts'

/** What a segment says of itself in its first record, so that each file can be read alone. */
export interface SegmentHeader {
  readonly format: 1
  readonly model: string
  readonly version: string
  readonly inputs: readonly Pick<ColumnSchema, 'name' | 'type' | 'tensor'>[]
  /** Empty for regression. */
  readonly classes: readonly string[]
}

/** One answered request. */
export interface LogEntry {
  readonly requestId: string
  /** Raw columns as the model was given them. */
  readonly inputs: Frame
  readonly predictions: Predictions
  /** The chosen class of each row; for classification. */
  readonly labels?: readonly string[]
}

/** A request as a segment holds it. Numbers that are missing are null. */
export interface LogRecord {
  readonly id: string
  readonly timeMs: number
  readonly rows: number
  /** One array a column, in the order of the header. */
  readonly inputs: readonly (readonly (number | string | null)[])[]
  /** Row-major probabilities, or one prediction a row. */
  readonly outputs: readonly (number | null)[]
  readonly labels?: readonly string[]
}

export function recordOf(entry: LogEntry, header: SegmentHeader, timeMs: number): LogRecord {
  const { requestId, inputs, predictions, labels } = entry
  const outputs = predictions.kind === 'number' ? predictions.values : predictions.probabilities
  return {
    id: requestId,
    timeMs,
    rows: inputs.rowCount,
    inputs: header.inputs.map(({ name }) => plainValues(inputs.columns.get(name), inputs.rowCount)),
    outputs: Array.from(outputs),
    ...(labels ? { labels } : {}),
  }
}

function plainValues(column: Column | undefined, rowCount: number): (number | string | null)[] {
  if (!column) return new Array<null>(rowCount).fill(null)
  if (column.kind === 'number') return Array.from(column.values)
  return Array.from(column.codes, (code) => (code < 0 ? null : column.dictionary[code]!))
}
