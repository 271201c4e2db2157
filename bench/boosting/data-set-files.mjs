/**
 * A data set as files, for processes in any language. In memory it is
 *   { kind: 'binary' | 'classes' | 'number' | 'ranking', classCount, names, categorical: [feature indices], train, test }
 * where a part is { rowCount, values: [Float32Array a feature], target: Float64Array, queryRows?: Uint32Array }: targets are
 * class codes, values or relevance grades. On disk: about.json, and for each part NAME.x (features, one after the other),
 * NAME.y (target) and NAME.q (rows of each query); little-endian, as every machine that we know.
 */
import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { allocateFeature } from '../../packages/fivefold/dist/data/index.js'

const PARTS = ['train', 'test']

export function writeDataSet(folder, { train, test, ...about }) {
  const rows = { train: train.rowCount, test: test.rowCount }
  writeFileSync(join(folder, 'about.json'), JSON.stringify({ ...about, rows }))
  for (const [name, part] of Object.entries({ train, test })) {
    const file = openSync(join(folder, `${name}.x`), 'w')
    for (const column of part.values) writeSync(file, bytesOf(column))
    closeSync(file)
    writeFileSync(join(folder, `${name}.y`), bytesOf(part.target))
    if (part.queryRows !== undefined) writeFileSync(join(folder, `${name}.q`), bytesOf(part.queryRows))
  }
}

export function readDataSet(folder) {
  const { rows, ...about } = JSON.parse(readFileSync(join(folder, 'about.json'), 'utf8'))
  const parts = PARTS.map((name) => [name, readPart(folder, name, rows[name], about)])
  return { ...about, ...Object.fromEntries(parts) }
}

function readPart(folder, name, rowCount, { names, kind }) {
  const file = openSync(join(folder, `${name}.x`))
  // Column by column into place, so that reading adds nothing to the largest resident set.
  const values = names.map(() => {
    const column = allocateFeature(rowCount)
    readSync(file, bytesOf(column))
    return column
  })
  closeSync(file)
  const target = readNumbers(join(folder, `${name}.y`), Float64Array)
  return {
    rowCount,
    values,
    target,
    ...(kind === 'ranking' && { queryRows: readNumbers(join(folder, `${name}.q`), Uint32Array) }),
  }
}

export function readNumbers(path, Kind) {
  const bytes = readFileSync(path)
  return new Kind(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

function bytesOf({ buffer, byteOffset, byteLength }) {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
