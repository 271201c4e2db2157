import { type ColumnSchema, isNumeric, type Schema } from '../data/index.ts'
import type { Problem } from '../problem/index.ts'

/** Candidates are compared on no more rows: intervals are narrower there than the differences between candidates. */
const MOST_COMPARED_ROWS = 1_000_000
/** No more rows are tested: the interval of a rate is within 0.001 there. */
const MOST_TESTED_ROWS = 1_000_000
/** Even a very wide table is compared and tested on this many rows. */
const LEAST_ROWS = 1000
/** The boosting engine works in one WebAssembly memory, which ends at 4 GiB. */
const ENGINE_BYTES = 3.5 * 2 ** 30
const MIB = 2 ** 20

export interface RowLimits {
  readonly compared: number
  readonly tested: number
  /**
   * @param columns that are read
   * @param features how many the chosen candidate was given
   */
  fitted(columns: readonly ColumnSchema[], features: number): number
}

/** How many rows may be in memory at a time. Depends on schema and budget alone, so that a run repeats anywhere. */
export function rowLimits(schema: Schema, { classes }: Problem, memoryMb: number): RowLimits {
  const budget = memoryMb * MIB
  const outputs = Math.max(1, classes.length)
  const columns = sum(schema.columns.map(columnBytes))
  const features = sum(schema.columns.map(likelyFeatures))
  const limit = (most: number, bytesARow: number): number =>
    Math.max(LEAST_ROWS, Math.min(most, Math.floor(budget / bytesARow)))
  return {
    // The rows stay in memory beside the parts of a fold, their features and the engine's copy.
    compared: limit(MOST_COMPARED_ROWS, 2 * columns + featureBytes(features) + engineBytes(features, outputs)),
    tested: limit(MOST_TESTED_ROWS, 2 * columns + 24 * outputs),
    fitted: (read, width) => {
      const engine = engineBytes(width, outputs)
      // Columns are let go once features are made of them, before the engine takes its memory.
      const rows = limit(Number.POSITIVE_INFINITY, featureBytes(width) + Math.max(sum(read.map(columnBytes)), engine))
      return Math.min(rows, Math.floor(ENGINE_BYTES / engine))
    },
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** In a frame: a double, or a code with a text now and then. */
function columnBytes({ type, tensor }: ColumnSchema): number {
  if (type === 'text' || (type === 'identifier' && tensor === 'string')) return 200
  return isNumeric(type, tensor) ? 8 : 4
}

/** What planning makes of a column at most, give or take: one-hot levels, parts of a date, words. */
function likelyFeatures({ type }: ColumnSchema): number {
  if (type === 'identifier' || type === 'constant') return 0
  if (type === 'text') return 300
  if (type === 'category') return 16
  return type === 'datetime' ? 8 : 2
}

const featureBytes = (features: number): number => 4 * features

/** A byte a feature by column and, padded to a power of two, by row; records, targets, scores and gradients. */
function engineBytes(features: number, outputs: number): number {
  return 3 * features + 24 + 8 * outputs
}
