import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CASES } from './cases.mjs'
import { writeDataSet } from './data-set-files.mjs'
import { availableLibraries, startLearner, trainAfresh } from './learners.mjs'
import { MEASURES } from './measures.mjs'
import { matchedParameters } from './parameters.mjs'
import { median } from './statistics.mjs'
import { progress, showTable } from './terminal.mjs'

const MEASURE_OF = { binary: 'logLoss', classes: 'logLoss', number: 'rmse', ranking: 'ndcg5' }
const DEFAULT_ROUNDS = 100

/** Training time, memory and quality on every case, with matched parameters. */
export async function measureSpeed(options) {
  const libraries = availableLibraries()
  const results = []
  const versions = {}
  for (const name of options.cases) {
    progress(`${name}: making the data`)
    const dataSet = await CASES[name].make(options.rows)
    if (dataSet.skipped !== undefined) {
      progress(`${name}: skipped, ${dataSet.skipped}`)
      results.push({ case: name, skipped: dataSet.skipped })
    } else results.push(...(await measureCase(name, dataSet, libraries, options, versions)))
  }
  showTable(results.filter(({ skipped }) => skipped === undefined).map(tableRow))
  const { repeats, rounds = DEFAULT_ROUNDS } = options
  return { measured: 'speed', rounds, repeats, versions, peakBytesIncludes: PEAK_INCLUDES, results }
}

const PEAK_INCLUDES =
  'runtime and library, the float32 matrices of training and test rows, and all that training needed, until training ends'

async function measureCase(name, dataSet, libraries, options, versions) {
  const folder = mkdtempSync(join(tmpdir(), 'fivefold-bench-'))
  try {
    writeDataSet(folder, dataSet)
    const results = []
    for (const growth of CASES[name].growths.filter((each) => options.growths.includes(each)))
      for (const threads of options.threads) {
        const setting = {
          name,
          growth,
          threads,
          rounds: options.rounds ?? DEFAULT_ROUNDS,
          repeats: options.repeats,
          folder,
        }
        results.push(await measureSetting(setting, dataSet, libraries, versions))
      }
    return results
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Ours, XGBoost, LightGBM, ours, ... The peers' processes stay, ours is a new one each time: it always starts cold. */
async function measureSetting(setting, dataSet, libraries, versions) {
  const peers = new Map()
  for (const library of libraries.slice(1)) peers.set(library, await startLearner(library))
  const runs = Object.fromEntries(libraries.map((library) => [library, []]))
  try {
    for (let repeat = 0; repeat < setting.repeats; repeat++)
      for (const library of libraries) {
        const run = await trainOnce(library, peers.get(library), setting, dataSet)
        versions[library] = run.version
        runs[library].push(run)
        const { name, growth, threads } = setting
        progress(`${name}, by ${growth}, ${threads} threads, ${library}: ${run.trainSeconds.toFixed(2)} s`)
      }
  } finally {
    for (const peer of peers.values()) peer.stop()
  }
  return summarise(setting, dataSet, runs)
}

async function trainOnce(library, peer, { growth, threads, rounds, folder }, dataSet) {
  const request = { folder, parameters: matchedParameters(library, dataSet.kind, growth), rounds, threads }
  const { predictions, ...run } = peer === undefined ? await trainAfresh(library, request) : await peer.train(request)
  return { ...run, quality: MEASURES[MEASURE_OF[dataSet.kind]].of(dataSet, predictions) }
}

function summarise({ name, growth, threads }, dataSet, runs) {
  const libraries = Object.fromEntries(Object.entries(runs).map(([library, list]) => [library, summaryOf(list)]))
  const ratios = ratiosToOurs(runs)
  const faster = Object.keys(ratios).sort((a, b) => libraries[a].trainSeconds - libraries[b].trainSeconds)[0]
  return {
    case: name,
    growth,
    threads,
    rows: dataSet.train.rowCount,
    features: dataSet.names.length,
    categorical: dataSet.categorical.length,
    testRows: dataSet.test.rowCount,
    matrixBytes: (dataSet.train.rowCount + dataSet.test.rowCount) * dataSet.names.length * 4,
    load: loadavg()[0],
    qualityMeasure: MEASURE_OF[dataSet.kind],
    libraries,
    ratios,
    fasterPeer: faster ?? null,
    ratioToFasterPeer: faster === undefined ? null : ratios[faster],
  }
}

/** The first run's peak is that of one training; later ones of a process that stays include what it kept. */
function summaryOf(list) {
  return {
    trainSeconds: median(list.map(({ trainSeconds }) => trainSeconds)),
    predictSeconds: median(list.map(({ predictSeconds }) => predictSeconds)),
    quality: list[0].quality,
    peakBytes: list[0].peakBytes,
    allTrainSeconds: list.map(({ trainSeconds }) => trainSeconds),
  }
}

/** Ours through the peer's, median over the pairs of one repeat. */
function ratiosToOurs({ ours, ...peers }) {
  const pairs = (list) => list.map(({ trainSeconds }, i) => ours[i].trainSeconds / trainSeconds)
  return Object.fromEntries(Object.entries(peers).map(([library, list]) => [library, median(pairs(list))]))
}

function tableRow(result) {
  const row = { case: result.case, growth: result.growth, threads: result.threads, measure: result.qualityMeasure }
  for (const [library, { trainSeconds, quality, peakBytes }] of Object.entries(result.libraries)) {
    row[`${library}, s`] = trainSeconds.toFixed(2)
    row[`${library}, quality`] = quality.toFixed(4)
    row[`${library}, MB`] = peakBytes === null ? '' : Math.round(peakBytes / 1e6)
  }
  return { ...row, ratio: result.ratioToFasterPeer?.toFixed(2) ?? '' }
}
