import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { allocateFeature } from '../../packages/fivefold/dist/data/index.js'
import { sharedTables } from './shared-tables.mjs'

/** LightGBM's example of ranking, 3005 and 768 rows in 201 and 50 queries, 300 sparse features; 0 where none is written. */
export function rankingCase(rows) {
  const folder = sharedTables()
  if (folder === undefined) return { skipped: '../shared/data is missing' }
  const read = (name, most) => readPart(join(folder, 'lightgbm-lambdarank', name), most)
  const [train, test] = [read('rank.train', rows), read('rank.test')]
  const featureCount = Math.max(train.featureCount, test.featureCount)
  const names = Array.from({ length: featureCount }, (_, i) => `f${i + 1}`)
  const fill = (part) => toColumns(part, featureCount)
  return { kind: 'ranking', classCount: 0, names, categorical: [], train: fill(train), test: fill(test) }
}

/** Whole queries up to about `most` rows. */
function readPart(path, most = Number.POSITIVE_INFINITY) {
  const queryRows = []
  let rowCount = 0
  for (const rows of readFileSync(`${path}.query`, 'utf8').trim().split('\n').map(Number)) {
    if (rowCount >= most) break
    queryRows.push(rows)
    rowCount += rows
  }
  const lines = readFileSync(path, 'utf8').trim().split('\n').slice(0, rowCount).map(parseLine)
  const featureCount = lines.reduce((most, { cells }) => cells.reduce((a, [index]) => Math.max(a, index), most), 0)
  return { lines, featureCount, queryRows: Uint32Array.from(queryRows) }
}

/** `grade index:value index:value ...`, indices from 1. */
function parseLine(line) {
  const [grade, ...cells] = line.trim().split(/\s+/)
  return { grade: Number(grade), cells: cells.map((cell) => cell.split(':').map(Number)) }
}

function toColumns({ lines, queryRows }, featureCount) {
  const values = Array.from({ length: featureCount }, () => allocateFeature(lines.length))
  for (const [row, { cells }] of lines.entries()) for (const [index, value] of cells) values[index - 1][row] = value
  return { rowCount: lines.length, values, target: Float64Array.from(lines, ({ grade }) => grade), queryRows }
}
