import type { TypedValue } from '../../../onnx/index.ts'

/** Which whole numbers a fed value may hold: 0 to count - 1, and maybe one that marks what does not count. */
export interface IndexRange {
  readonly count: number
  readonly ignored?: number
}

const ranges = new WeakMap<TypedValue, IndexRange>()

/**
 * Says that a value's numbers choose among `count` classes or rows. Where the value is fed, every batch is checked: the runtime
 * would count negative numbers from the end without a word. Of several ranges the narrowest holds.
 */
export function declareIndexRange(value: TypedValue, range: IndexRange): void {
  const declared = ranges.get(value)
  if (declared === undefined || range.count < declared.count) ranges.set(value, range)
}

/** The ranges of those values that were given one, by name. */
export function declaredIndexRanges(
  values: Readonly<Record<string, TypedValue>>,
): Readonly<Record<string, IndexRange>> {
  const known = Object.entries(values).map(([name, value]) => [name, ranges.get(value)] as const)
  return Object.fromEntries(known.filter((entry): entry is readonly [string, IndexRange] => entry[1] !== undefined))
}
