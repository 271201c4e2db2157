import { nextFloat32 } from '../model/float32.ts'
import { goesLeft, type Trees } from '../model/trees.ts'
import { COLUMN_BYTES, type Column, type ColumnKind } from './columns.ts'

/** A split as the kernels ask it. */
export interface Question {
  /** Byte offset of the column. */
  readonly offset: number
  /** Answers yes where the column's value is at least this; NaN in a split by category. */
  readonly bound: number
  /** Whether yes means the left child. */
  readonly yesIsLeft: boolean
  /** Words of codes, whose bits are the answers; undefined in a split by threshold. */
  readonly words: number | undefined
}

/** Every split as a question, and the columns that they ask. `undefined` for leaves. */
export function questionsOf(trees: Trees): { columns: Column[]; questions: (Question | undefined)[] } {
  const codeCounts = codeCountsOf(trees)
  const columns: Column[] = []
  const slots = new Map<string, number>()
  const offsetOf = (feature: number, kind: ColumnKind): number => {
    const key = `${feature} ${kind}`
    const slot = slots.get(key) ?? columns.push({ feature, kind, codeCount: codeCounts.get(feature) ?? 0 }) - 1
    slots.set(key, slot)
    return slot * COLUMN_BYTES
  }
  const questions = Array.from(trees.feature, (feature, node): Question | undefined => {
    if (feature < 0) return undefined
    if (trees.categorySet[node]! >= 0) {
      const yesIsLeft = trees.membersLeft[node] === 1
      const words = Math.ceil((codeCounts.get(feature)! + 2) / 32)
      return { offset: offsetOf(feature, 'codes'), bound: Number.NaN, yesIsLeft, words }
    }
    const negated = !goesLeft(trees, node, Number.NaN)
    const bound = negated ? -trees.threshold[node]! : boundAbove(trees.threshold[node]!)
    const offset = offsetOf(feature, negated ? 'negated' : 'values')
    return { offset, bound, yesIsLeft: negated, words: undefined }
  })
  return { columns, questions }
}

/** By feature: codes that its longest set has bits for. */
function codeCountsOf({ feature, categorySet, sets }: Trees): Map<number, number> {
  const counts = new Map<number, number>()
  for (const [node, set] of categorySet.entries()) {
    if (set < 0) continue
    const codes = (sets.starts[set + 1]! - sets.starts[set]!) * 32
    counts.set(feature[node]!, Math.max(counts.get(feature[node]!) ?? 0, codes))
  }
  return counts
}

/** `value > threshold` as `value >= bound`. Nothing is above Infinity, and NaN as a threshold has all values above it. */
function boundAbove(threshold: number): number {
  if (Number.isNaN(threshold)) return -Infinity
  return threshold === Infinity ? Number.NaN : nextFloat32(threshold)
}
