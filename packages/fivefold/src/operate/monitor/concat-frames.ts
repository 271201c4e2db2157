import { type Column, type Frame, numberColumnOf, type StringColumn, stringColumnOf } from '../../data/index.ts'

/** Frames of the same columns, one below the other. Throws DATA_COLUMN_UNKNOWN and DATA_TYPE_MISMATCH where they differ. */
export function concatFrames(frames: readonly Frame[]): Frame {
  const [first] = frames
  if (first === undefined) return { rowCount: 0, columns: new Map() }
  if (frames.length === 1) return first
  const rowCount = frames.reduce((sum, frame) => sum + frame.rowCount, 0)
  const columns = new Map<string, Column>()
  for (const [name, column] of first.columns)
    columns.set(
      name,
      column.kind === 'number' ? concatNumbers(frames, name, rowCount) : concatStrings(frames, name, rowCount),
    )
  return { rowCount, columns }
}

function concatNumbers(frames: readonly Frame[], name: string, rowCount: number): Column {
  const values = new Float64Array(rowCount)
  let start = 0
  for (const frame of frames) {
    values.set(numberColumnOf(frame, name).values, start)
    start += frame.rowCount
  }
  return { kind: 'number', values }
}

function concatStrings(frames: readonly Frame[], name: string, rowCount: number): Column {
  const codes = new Int32Array(rowCount)
  const codeOf = new Map<string, number>()
  let start = 0
  for (const frame of frames) {
    const column = stringColumnOf(frame, name)
    const translation = translate(column, codeOf)
    codes.set(
      column.codes.map((code) => (code < 0 ? -1 : translation[code]!)),
      start,
    )
    start += frame.rowCount
  }
  return { kind: 'string', codes, dictionary: [...codeOf.keys()] }
}

/** Code of the column -> code of the common dictionary, which grows as needed. */
export function translate(column: StringColumn, codeOf: Map<string, number>): Int32Array {
  return Int32Array.from(column.dictionary, (text) => {
    const known = codeOf.get(text)
    if (known !== undefined) return known
    codeOf.set(text, codeOf.size)
    return codeOf.size - 1
  })
}
