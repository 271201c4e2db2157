import type { DuckDBDataChunk } from '@duckdb/node-api'
import { quoteName } from './duck/sql.ts'
import type { Column, Frame } from './frame.ts'
import type { Storage } from './infer/reading.ts'

/** Strings whose values are known beforehand come from DuckDB as codes, the others as text. */
export type ColumnPlan =
  | { readonly kind: 'number'; readonly name: string; readonly storage: Storage }
  | { readonly kind: 'codes'; readonly name: string; readonly enumName: string; readonly dictionary: readonly string[] }
  | { readonly kind: 'texts'; readonly name: string }

/** SQL that gives a column in the form that `FrameFiller` takes: DOUBLE with NaN, INTEGER with -1, or VARCHAR. */
export function columnSql(plan: ColumnPlan): string {
  const value = quoteName(plan.name)
  if (plan.kind === 'texts') return value
  if (plan.kind === 'codes')
    return `coalesce(CAST(enum_code(CAST(${value} AS ${quoteName(plan.enumName)})) AS INTEGER), -1)`
  // Whole milliseconds, since a double counts 1970's microseconds to 2255 only.
  const number = plan.storage === 'TIMESTAMP' ? `epoch_ms(${value})` : value
  return `coalesce(CAST(${number} AS DOUBLE), CAST('NaN' AS DOUBLE))`
}

/** Collects chunks of columns into a frame of known length. */
export interface FrameFiller {
  /** Appends rows [from, to) of a chunk. */
  append(chunk: DuckDBDataChunk, from: number, to: number): void
  /** Appends the rows of a chunk with these numbers. */
  pick(chunk: DuckDBDataChunk, rows: Uint32Array): void
  readonly filled: number
  finish(): Frame
}

interface Sink {
  append(chunk: DuckDBDataChunk, at: number, from: number, to: number, offset: number): void
  pick(chunk: DuckDBDataChunk, at: number, rows: Uint32Array, offset: number): void
  finish(): Column
}

export function createFrameFiller(plans: readonly ColumnPlan[], rowCount: number): FrameFiller {
  const sinks = plans.map((plan) => createSink(plan, rowCount))
  let filled = 0
  return {
    append(chunk, from, to) {
      for (const [at, sink] of sinks.entries()) sink.append(chunk, at, from, to, filled)
      filled += to - from
    },
    pick(chunk, rows) {
      for (const [at, sink] of sinks.entries()) sink.pick(chunk, at, rows, filled)
      filled += rows.length
    },
    get filled() {
      return filled
    },
    finish: () => ({ rowCount, columns: new Map(plans.map((plan, at) => [plan.name, sinks[at]!.finish()])) }),
  }
}

function createSink(plan: ColumnPlan, rowCount: number): Sink {
  if (plan.kind === 'number') return createNumberSink(rowCount)
  return plan.kind === 'codes' ? createCodeSink(rowCount, plan.dictionary) : createTextSink(rowCount)
}

function createNumberSink(rowCount: number): Sink {
  const values = new Float64Array(rowCount)
  return {
    append: (chunk, at, from, to, offset) => values.set(typedItems(chunk, at, Float64Array).subarray(from, to), offset),
    pick: (chunk, at, rows, offset) => gather(typedItems(chunk, at, Float64Array), rows, values, offset),
    finish: () => ({ kind: 'number', values }),
  }
}

function createCodeSink(rowCount: number, dictionary: readonly string[]): Sink {
  const codes = new Int32Array(rowCount)
  return {
    append: (chunk, at, from, to, offset) => codes.set(typedItems(chunk, at, Int32Array).subarray(from, to), offset),
    pick: (chunk, at, rows, offset) => gather(typedItems(chunk, at, Int32Array), rows, codes, offset),
    finish: () => ({ kind: 'string', codes, dictionary }),
  }
}

function gather<T extends Float64Array | Int32Array>(source: T, rows: Uint32Array, into: T, offset: number): void {
  for (let i = 0; i < rows.length; i++) into[offset + i] = source[rows[i]!]!
}

function createTextSink(rowCount: number): Sink {
  const codes = new Int32Array(rowCount)
  const codeOf = new Map<string, number>()
  const code = (text: unknown): number => (typeof text === 'string' ? codeFor(codeOf, text) : -1)
  return {
    append(chunk, at, from, to, offset) {
      const texts = chunk.getColumnVector(at)
      for (let row = from; row < to; row++) codes[offset + row - from] = code(texts.getItem(row))
    },
    pick(chunk, at, rows, offset) {
      const texts = chunk.getColumnVector(at)
      for (let i = 0; i < rows.length; i++) codes[offset + i] = code(texts.getItem(rows[i]!))
    },
    finish: () => ({ kind: 'string', codes, dictionary: [...codeOf.keys()] }),
  }
}

function codeFor(codeOf: Map<string, number>, text: string): number {
  const known = codeOf.get(text)
  if (known !== undefined) return known
  codeOf.set(text, codeOf.size)
  return codeOf.size - 1
}

/** The values of a chunk's column as the typed array that lies under it. */
export function typedItems<T extends Float64Array | Int32Array>(
  chunk: DuckDBDataChunk,
  at: number,
  type: new (length: number) => T,
): T {
  const vector = chunk.getColumnVector(at)
  if ('items' in vector && vector.items instanceof type) return vector.items
  throw new TypeError(`column ${at} of the chunk is ${vector.type.toString()}, expected ${type.name}`)
}
