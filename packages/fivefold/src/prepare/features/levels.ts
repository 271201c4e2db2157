import { z } from 'zod'
import type { Column, NumberColumn, StringColumn, TensorType } from '../../data/index.ts'
import { graphText } from './graph-text.ts'

/**
 * The known levels of a categorical column. Keys say how the graph tells them apart: text, whole numbers, or float32
 * where numbers have fractions (levels that share a float32 are one).
 */
export const levelsSchema = z.discriminatedUnion('keys', [
  z.strictObject({ keys: z.literal('string'), values: z.array(z.string().min(1)) }),
  z.strictObject({ keys: z.literal('int64'), values: z.array(z.int()) }),
  z.strictObject({ keys: z.literal('float'), values: z.array(z.number()) }),
])
export type Levels = z.infer<typeof levelsSchema>

/** Numbers of this size or more are no levels: beyond them doubles skip integers. */
export const WHOLE_LIMIT = 2 ** 53

export interface CountedLevels {
  /** Most frequent first; ties by text or number. */
  readonly levels: Levels
  readonly counts: readonly number[]
  readonly missingCount: number
}

/** The levels of the training rows. */
export function countLevels(values: Column, tensor: TensorType): CountedLevels {
  return values.kind === 'string' ? countTexts(values) : countNumbers(values, tensor)
}

function countTexts(column: StringColumn): CountedLevels {
  const perCode = new Int32Array(column.dictionary.length)
  let missingCount = 0
  for (const code of column.codes) {
    if (code < 0) missingCount++
    else perCode[code]!++
  }
  const counts = new Map<string, number>()
  column.dictionary.forEach((text, code) => {
    if (perCode[code] === 0) return
    const key = graphText(text)
    if (key === '') missingCount += perCode[code]!
    else counts.set(key, (counts.get(key) ?? 0) + perCode[code]!)
  })
  const entries = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return {
    levels: { keys: 'string', values: entries.map(([text]) => text) },
    counts: entries.map(([, count]) => count),
    missingCount,
  }
}

function countNumbers(column: NumberColumn, tensor: TensorType): CountedLevels {
  const raw = new Map<number, number>()
  for (const value of column.values) raw.set(value, (raw.get(value) ?? 0) + 1)
  const whole =
    tensor !== 'double' || [...raw.keys()].every((value) => !Number.isFinite(value) || Number.isInteger(value))
  const keys = whole ? 'int64' : 'float'
  const counts = new Map<number, number>()
  for (const [value, count] of raw) {
    const key = numberKey(value, keys)
    counts.set(key, (counts.get(key) ?? 0) + count)
  }
  const missingCount = counts.get(Number.NaN) ?? 0
  counts.delete(Number.NaN)
  const entries = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])
  return {
    levels: { keys, values: entries.map(([value]) => value) },
    counts: entries.map(([, count]) => count),
    missingCount,
  }
}

/** What a number is looked up by; NaN is missing. */
function numberKey(value: number, keys: 'int64' | 'float'): number {
  if (keys === 'int64') return Math.abs(value) < WHOLE_LIMIT ? Math.trunc(value) : Number.NaN
  const key = Math.fround(value)
  return Number.isFinite(key) ? key : Number.NaN
}

export const keepLevels = (levels: Levels, count: number): Levels =>
  ({ keys: levels.keys, values: levels.values.slice(0, count) }) as Levels

/** For each row the index of its level; the number of levels for missing, one more for unseen. */
export function levelCodes(levels: Levels, values: Column): Int32Array {
  return values.kind === 'string' ? textCodes(levels, values) : numberCodes(levels, values)
}

function textCodes(levels: Levels, column: StringColumn): Int32Array {
  const missing = levels.values.length
  const indexOf = new Map<string, number>([['', missing]])
  levels.values.forEach((level, index) => {
    indexOf.set(String(level), index)
  })
  const codeOf = Int32Array.from(column.dictionary, (text) => indexOf.get(graphText(text)) ?? missing + 1)
  const codes = new Int32Array(column.codes.length)
  for (let i = 0; i < codes.length; i++) {
    const code = column.codes[i]!
    codes[i] = code < 0 ? missing : codeOf[code]!
  }
  return codes
}

function numberCodes(levels: Levels, column: NumberColumn): Int32Array {
  const keys = levels.keys === 'float' ? 'float' : 'int64'
  const lookup = levels.keys === 'string' ? () => levels.values.length + 1 : createLookup(levels)
  const missing = levels.values.length
  const codes = new Int32Array(column.values.length)
  for (let i = 0; i < codes.length; i++) {
    const key = numberKey(column.values[i]!, keys)
    codes[i] = Number.isNaN(key) ? missing : lookup(key)
  }
  return codes
}

/** Whole numbers of a small range are looked up in an array, which is several times faster than a map. */
function createLookup({ keys, values }: Exclude<Levels, { keys: 'string' }>): (key: number) => number {
  const unseen = values.length + 1
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (keys === 'int64' && high - low < 1 << 20) {
    const dense = new Int32Array(Math.max(0, high - low + 1)).fill(unseen)
    values.forEach((level, index) => {
      dense[level - low] = index
    })
    return (key) => dense[key - low] ?? unseen
  }
  const indexOf = new Map(values.map((level, index) => [level, index]))
  return (key) => indexOf.get(key) ?? unseen
}
