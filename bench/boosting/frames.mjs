import { allocateFeature } from '../../packages/fivefold/dist/data/index.js'

/** `count` of the rows 0 .. rowCount - 1 at about equal distances. */
export function everyNth(rowCount, count) {
  const taken = Math.min(rowCount, count)
  return Uint32Array.from({ length: taken }, (_, i) => Math.floor((i * rowCount) / taken))
}

/** A data set of the columns besides `target`; text columns become ordinal codes, in the order of the texts. */
export function dataSetFrom(frame, { kind, isTest }) {
  const target = frame.columns.get('target').values
  const columns = [...frame.columns].filter(([name]) => name !== 'target')
  const values = columns.map(([, column]) => (column.kind === 'number' ? column.values : ordinalCodes(column)))
  const part = (rows) => ({
    rowCount: rows.length,
    values: values.map((column) => gather(column, rows, allocateFeature(rows.length))),
    target: gather(target, rows, new Float64Array(rows.length)),
  })
  const rows = [...target.keys()]
  return {
    kind,
    classCount: kind === 'binary' ? 2 : 0,
    names: columns.map(([name]) => name),
    categorical: columns.flatMap(([, column], i) => (column.kind === 'string' ? [i] : [])),
    train: part(rows.filter((row) => !isTest(row))),
    test: part(rows.filter(isTest)),
  }
}

function ordinalCodes({ codes, dictionary }) {
  const sorted = [...dictionary.keys()].sort((a, b) => (dictionary[a] < dictionary[b] ? -1 : 1))
  const rank = new Float64Array(dictionary.length)
  for (const [position, code] of sorted.entries()) rank[code] = position
  return Float64Array.from(codes, (code) => (code < 0 ? Number.NaN : rank[code]))
}

function gather(source, rows, into) {
  for (let i = 0; i < rows.length; i++) into[i] = source[rows[i]]
  return into
}
