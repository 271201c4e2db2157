import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng } from '../../packages/fivefold/dist/core/index.js'
import { writeDataSet } from './data-set-files.mjs'
import { dataSetFrom } from './frames.mjs'
import { availableLibraries, startLearner } from './learners.mjs'
import { MEASURES } from './measures.mjs'
import { known } from './options.mjs'
import { objectiveOf } from './parameters.mjs'
import { summariseTable, summariseTables } from './quality-summary.mjs'
import { rankingCase } from './ranking.mjs'
import { sharedTables } from './shared-tables.mjs'
import { readTable, TABLES } from './tables.mjs'
import { progress, showTable } from './terminal.mjs'

const FOLDS = 5
const SEED = 7
const DEFAULT_ROUNDS = 100

/** Five-fold cross-validation over the shared tables, and ranking: each library at its own defaults, the same matrices. */
export async function measureQuality(options) {
  const folder = sharedTables()
  if (folder === undefined) return { measured: 'quality', skipped: '../shared/data is missing' }
  const names = Object.keys(TABLES)
  const tables = options.tables === undefined ? names : known('tables', options.tables.join(','), names)
  const rounds = options.rounds ?? DEFAULT_ROUNDS
  const learners = new Map()
  for (const library of availableLibraries()) learners.set(library, await startLearner(library))
  try {
    const trainAll = (dataSet, measure) =>
      measureAll(learners, dataSet, measure, { rounds, threads: Math.max(...options.threads) })
    const results = []
    for (const name of tables) results.push(await measureTable(folder, name, trainAll))
    const ranking = await trainAll(rankingCase(), 'ndcg5')
    const versions = Object.fromEntries([...learners].map(([library, { version }]) => [library, version]))
    const summary = summariseTables(results)
    showTable([...results.map(tableRow), { table: 'ranking', measure: 'ndcg5', ...texts(ranking) }])
    return {
      measured: 'quality',
      rounds,
      folds: FOLDS,
      versions,
      tables: results,
      summary,
      ranking: { ndcg5: ranking },
    }
  } finally {
    for (const learner of learners.values()) learner.stop()
  }
}

async function measureTable(folder, name, trainAll) {
  const frame = await readTable(folder, TABLES[name])
  const isNumber = TABLES[name].positive === undefined
  const measure = isNumber ? 'rmse' : 'rocAuc'
  const foldOf = randomFolds(frame.rowCount)
  const folds = []
  for (let fold = 0; fold < FOLDS; fold++) {
    const dataSet = dataSetFrom(frame, { kind: isNumber ? 'number' : 'binary', isTest: (row) => foldOf[row] === fold })
    folds.push(await trainAll(dataSet, measure))
    const scores = Object.entries(texts(folds.at(-1))).map(([library, value]) => `${library} ${value}`)
    progress(`${name}, fold ${fold + 1}: ${scores.join(', ')}`)
  }
  return summariseTable(name, frame, measure, folds)
}

/** Fold of each row; sizes differ by one at most. */
function randomFolds(rowCount) {
  const rng = createRng(SEED).fork('folds')
  const folds = Uint8Array.from({ length: rowCount }, (_, row) => row % FOLDS)
  for (let i = rowCount - 1; i > 0; i--) {
    const j = rng.int(i + 1)
    ;[folds[i], folds[j]] = [folds[j], folds[i]]
  }
  return folds
}

/** The measure of each library, on one data set. */
async function measureAll(learners, dataSet, measure, setting) {
  const folder = mkdtempSync(join(tmpdir(), 'fivefold-bench-'))
  try {
    writeDataSet(folder, dataSet)
    const values = {}
    for (const [library, learner] of learners) {
      const parameters = objectiveOf(library, dataSet.kind)
      const { predictions } = await learner.train({ folder, parameters, ...setting })
      values[library] = MEASURES[measure].of(dataSet, predictions)
    }
    return values
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function tableRow({ table, measure, libraries, differences }) {
  const row = { table, measure }
  for (const [library, { mean, deviation }] of Object.entries(libraries))
    row[library] = `${mean.toPrecision(5)} ± ${deviation.toPrecision(2)}`
  for (const [peer, { mean, standardError }] of Object.entries(differences))
    row[`ours - ${peer}`] = `${mean.toPrecision(2)} ± ${standardError.toPrecision(2)}`
  return row
}

function texts(values) {
  return Object.fromEntries(Object.entries(values).map(([library, value]) => [library, value.toPrecision(5)]))
}
