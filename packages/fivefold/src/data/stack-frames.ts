import { FivefoldError } from '../core/index.ts'
import type { Column, Frame, StringColumn } from './frame.ts'

/**
 * Frames below one another, columns matched by name; a column that a frame does not have is missing in its rows.
 *
 * @throws DATA_TYPE_MISMATCH where a column is text in one frame and numbers in another
 */
export function stackFrames(parts: readonly Frame[]): Frame {
  if (parts.length === 1) return parts[0]!
  const rowCount = parts.reduce((sum, part) => sum + part.rowCount, 0)
  const names = new Set(parts.flatMap(({ columns }) => [...columns.keys()]))
  return { rowCount, columns: new Map([...names].map((name) => [name, stackColumn(name, parts, rowCount)])) }
}

function stackColumn(name: string, parts: readonly Frame[], rowCount: number): Column {
  const kinds = new Set(parts.flatMap(({ columns }) => columns.get(name)?.kind ?? []))
  if (kinds.size > 1)
    throw new FivefoldError('DATA_TYPE_MISMATCH', `'${name}' holds text in some of the rows and numbers in others`)
  return kinds.has('string') ? stackStrings(name, parts, rowCount) : stackNumbers(name, parts, rowCount)
}

function stackNumbers(name: string, parts: readonly Frame[], rowCount: number): Column {
  const values = new Float64Array(rowCount).fill(Number.NaN)
  let at = 0
  for (const part of parts) {
    const column = part.columns.get(name)
    if (column?.kind === 'number') values.set(column.values, at)
    at += part.rowCount
  }
  return { kind: 'number', values }
}

function stackStrings(name: string, parts: readonly Frame[], rowCount: number): Column {
  const codes = new Int32Array(rowCount).fill(-1)
  const codeOf = new Map<string, number>()
  let at = 0
  for (const part of parts) {
    const column = part.columns.get(name)
    if (column?.kind === 'string') mergeCodes(column, codes.subarray(at, at + part.rowCount), codeOf)
    at += part.rowCount
  }
  return { kind: 'string', codes, dictionary: [...codeOf.keys()] }
}

function mergeCodes(column: StringColumn, into: Int32Array, codeOf: Map<string, number>): void {
  const merged = mergeDictionary(column.dictionary, codeOf)
  for (let i = 0; i < into.length; i++) {
    const code = column.codes[i]!
    if (code >= 0) into[i] = merged[code]!
  }
}

/** Code of a column -> code of the common dictionary, which grows as needed. */
export function mergeDictionary(dictionary: readonly string[], codeOf: Map<string, number>): Int32Array {
  const merged = new Int32Array(dictionary.length)
  for (const [code, text] of dictionary.entries()) {
    const known = codeOf.get(text) ?? codeOf.size
    codeOf.set(text, known)
    merged[code] = known
  }
  return merged
}
