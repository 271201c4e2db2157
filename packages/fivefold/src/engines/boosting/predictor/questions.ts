import { nextFloat32 } from '../model/float32.ts'
import { goesLeft, type Trees } from '../model/trees.ts'

/** Bytes of one column of a block of rows. */
export const COLUMN_BYTES = 64 * 4

/**
 * Columns of the blocks that kernels read: features, and negated ones for splits that send missing values to the side that
 * `value >= bound` would not. Only those that a split asks for.
 */
export interface Columns {
  readonly features: Uint32Array
  readonly negated: Uint8Array
}

/** A split as the kernels ask it. */
export interface Question {
  /** Byte offset of the column. */
  readonly offset: number
  /** Answers yes where the column's value is at least this; unused in a split by category. */
  readonly bound: number
  /** Whether yes means the left child. */
  readonly yesIsLeft: boolean
}

/** Every split as a question, and the columns that they ask. `undefined` for leaves. */
export function questionsOf(trees: Trees): { columns: Columns; questions: (Question | undefined)[] } {
  const slots = new Map<number, number>()
  const questions = Array.from(trees.feature, (feature, node) => {
    if (feature < 0) return undefined
    const byThreshold = trees.categorySet[node]! < 0
    const negated = byThreshold && !goesLeft(trees, node, Number.NaN)
    const key = feature * 2 + (negated ? 1 : 0)
    const slot = slots.get(key) ?? slots.size
    slots.set(key, slot)
    const bound = negated ? -trees.threshold[node]! : boundAbove(trees.threshold[node]!)
    return { offset: slot * COLUMN_BYTES, bound, yesIsLeft: byThreshold ? negated : trees.membersLeft[node] === 1 }
  })
  const keys = [...slots.keys()]
  return {
    columns: {
      features: Uint32Array.from(keys, (key) => Math.floor(key / 2)),
      negated: Uint8Array.from(keys, (key) => key % 2),
    },
    questions,
  }
}

/** `value > threshold` as `value >= bound`. Nothing is above Infinity, and NaN as a threshold has all values above it. */
function boundAbove(threshold: number): number {
  if (Number.isNaN(threshold)) return -Infinity
  return threshold === Infinity ? Number.NaN : nextFloat32(threshold)
}
