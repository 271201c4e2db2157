import { createRng } from '../../packages/fivefold/dist/core/index.js'
import { startAtDefaults } from './at-defaults.mjs'
import { dataSetFrom } from './frames.mjs'
import { MEASURES, ndcgOfQueries } from './measures.mjs'
import { known } from './options.mjs'
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
  const chosen = options.tables === undefined ? names : known('tables', options.tables.join(','), names)
  const rounds = options.rounds ?? DEFAULT_ROUNDS
  const libraries = await startAtDefaults({ rounds, threads: Math.max(...options.threads) })
  try {
    const tables = []
    for (const name of chosen) tables.push(await measureTable(folder, name, libraries))
    const ranking = await measureRanking(libraries)
    showTable([...tables, ranking].map(tableRow))
    const { versions } = libraries
    return { measured: 'quality', rounds, folds: FOLDS, versions, tables, summary: summariseTables(tables), ranking }
  } finally {
    libraries.stop()
  }
}

async function measureTable(folder, name, libraries) {
  const frame = await readTable(folder, TABLES[name])
  const isNumber = TABLES[name].positive === undefined
  const measure = isNumber ? 'rmse' : 'rocAuc'
  const foldOf = randomFolds(frame.rowCount)
  const folds = []
  for (let fold = 0; fold < FOLDS; fold++) {
    const dataSet = dataSetFrom(frame, { kind: isNumber ? 'number' : 'binary', isTest: (row) => foldOf[row] === fold })
    const predictions = Object.entries(await libraries.train(dataSet))
    const values = predictions.map(([library, each]) => [library, MEASURES[measure].of(dataSet, each)])
    progress(
      `${name}, fold ${fold + 1}: ${values.map(([library, value]) => `${library} ${value.toPrecision(5)}`).join(', ')}`,
    )
    folds.push(Object.fromEntries(values))
  }
  return summariseTable({ table: name, rows: frame.rowCount, features: frame.columns.size - 1, measure }, folds)
}

/** Fold of each row; sizes differ by one at most. */
function randomFolds(rowCount) {
  return createRng(SEED).shuffle(Uint8Array.from({ length: rowCount }, (_, row) => row % FOLDS))
}

/** NDCG@5 on the official test rows, whose queries take the place of folds. */
async function measureRanking(libraries) {
  const dataSet = rankingCase()
  const predictions = Object.entries(await libraries.train(dataSet))
  const byLibrary = predictions.map(([library, each]) => [library, ndcgOfQueries(dataSet, each)])
  const queries = Array.from(dataSet.test.queryRows, (_, query) =>
    Object.fromEntries(byLibrary.map(([library, values]) => [library, values[query]])),
  )
  const { train, names } = dataSet
  const about = { table: 'lightgbm-lambdarank', rows: train.rowCount, features: names.length, measure: 'ndcg5' }
  return summariseTable(about, queries)
}

function tableRow({ table, measure, libraries, differences }) {
  const row = { table, measure }
  for (const [library, { mean, deviation }] of Object.entries(libraries))
    row[library] = `${mean.toPrecision(5)} ± ${deviation.toPrecision(2)}`
  for (const [peer, { mean, standardError }] of Object.entries(differences))
    row[`ours - ${peer}`] = `${mean.toPrecision(2)} ± ${standardError.toPrecision(2)}`
  return row
}
