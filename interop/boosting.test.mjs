/** Boosted trees of XGBoost, LightGBM and CatBoost read here, and models from here read there. */
import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { python, workFolder } from './harness.mjs'

const repository = process.env.FIVEFOLD_REPOSITORY
const engine = join(repository, 'packages/fivefold/dist/engines/boosting')
const load = (path) => import(pathToFileURL(join(engine, path)).href)
const boosting = await load('index.js')
const { scoreRows } = await load('predictor/score-rows.js')
const { OBJECTIVE_NAMES } = await load('loss/objective.js')
// Made for tests alone, and so not in the package.
const { createJiti } = await import(pathToFileURL(join(repository, 'node_modules/jiti/lib/jiti.mjs')).href)
const sources = join(repository, 'packages/fivefold/src/engines/boosting')
const { probingRows, randomModel } = await createJiti(import.meta.url).import(
  join(sources, 'interchange/random-model.reference.ts'),
)
const { createContext, createRng } = await import(pathToFileURL(join(engine, '../../core/index.js')).href)

const LIBRARIES = {
  xgboost: {
    read: (bytes) => boosting.boostingModelFromXgboost(bytes),
    formats: ['json', 'ubj'],
    write: (model, format) => boosting.boostingModelToXgboost(model, format),
    nameOf: (feature) => feature,
    scoreFactor: () => 1,
  },
  lightgbm: {
    read: (bytes) => boosting.boostingModelFromLightgbm(bytes),
    formats: ['txt'],
    write: (model) => boosting.boostingModelToLightgbm(model),
    nameOf: (feature) => feature.replaceAll(' ', '_'),
    // The slope of a sigmoid and the average of a forest go into the leaves.
    scoreFactor: (name) => (name === 'binary, sigmoid 2' ? 2 : name === 'forest' ? 1 / 4 : 1),
  },
  catboost: {
    read: (bytes) => boosting.boostingModelFromCatboost(bytes),
    scoreFactor: () => 1,
  },
}
const TOLERANCE = 1e-6
const folder = workFolder()

function matrixOf(names, rows) {
  const values = names.map((_, feature) => Float32Array.from(rows, (row) => row[feature] ?? Number.NaN))
  return { rowCount: rows.length, names, values }
}

const rowsOf = ({ rowCount, values }) =>
  Array.from({ length: rowCount }, (_, row) => values.map((column) => (Number.isNaN(column[row]) ? null : column[row])))

/** Two classes, three classes and numbers, which hang on values, gaps and categories. */
function targetsOf({ rowCount, values: [amount, grid, colour, place] }) {
  const numbers = Float64Array.from({ length: rowCount }, (_, i) => {
    const size = Number.isNaN(amount[i]) ? -2 : amount[i] / 5
    return size + grid[i] * (colour[i] - 1) + 2 * Math.sin((Number.isNaN(place[i]) ? 7 : place[i]) * 1.7)
  })
  return [
    { kind: 'classes', classes: ['no', 'yes'], codes: Int32Array.from(numbers, (value) => Number(value > 0)) },
    {
      kind: 'classes',
      classes: ['x', 'y', 'z'],
      codes: Int32Array.from(numbers, (value) => (value > 1) + (value > -1)),
    },
    { kind: 'number', values: numbers.map((value) => value * 1000 + 50_000) },
  ]
}

/** Holds predictions and scores of a library against ours; binary ones of the others are of the second class alone. */
function assertAgree({ predictions, scores }, model, matrix) {
  const predicted = boosting.predictBoosting(model, matrix)
  assertNear(predictions, predicted.kind === 'number' ? predicted.values : predicted.probabilities)
  assertNear(scores, scoreRows(model, matrix))
}

function assertNear(theirs, ours) {
  const flat = theirs.flat()
  const step = ours.length / flat.length
  for (const [i, value] of flat.entries()) {
    const own = ours[i * step + step - 1]
    assert.ok(Math.abs(value - own) <= TOLERANCE * Math.max(1, Math.abs(value)), `value ${i}: ${value} and ${own}`)
  }
}

/** The library's predictions for models written to files. */
function predictThere(library, models) {
  const path = join(folder, `${library}-job.json`)
  writeFileSync(path, JSON.stringify({ models }))
  return python('predict_boosting.py', [library, path])
}

for (const [library, { read, formats, write, nameOf, scoreFactor }] of Object.entries(LIBRARIES))
  describe(`models of ${library}`, () => {
    let answer
    let matrix
    before(() => {
      answer = python('write_boosting.py', [library, folder])
      matrix = matrixOf(answer.names, answer.rows)
    })

    it('predict here what they predict there', () => {
      for (const { name, files, predictions, scores } of answer.cases)
        for (const path of Object.values(files)) {
          const scaled = scores.flat().map((score) => score * scoreFactor(name))
          assertAgree({ predictions, scores: scaled }, read(readFileSync(path)), matrix)
          console.log(`${library} ${answer.version}, ${name}, ${path.split('.').at(-1)}`)
        }
    })

    if (write === undefined) return

    it('predict the same after a journey through here', () => {
      for (const format of formats) {
        const models = answer.cases.map(({ files }, i) => {
          const model = read(readFileSync(Object.values(files)[0]))
          const file = join(folder, `${library}-back-${i}.${format}`)
          writeFileSync(file, write(model, format))
          return { file, names: model.featureNames, categorical: model.categoricalFeatures, rows: answer.rows }
        })
        for (const [i, there] of predictThere(library, models).entries())
          assertNear(there.predictions, Float64Array.from(answer.cases[i].predictions.flat()))
      }
    })

    it('come from models trained here, with gaps and categories', async () => {
      const context = createContext({ seed: 1, threads: 1 })
      const models = await Promise.all(
        targetsOf(matrix).map((target) =>
          boosting.trainBoosting(
            { features: matrix, target, categorical: ['colour', 'place'] },
            { rounds: 15, minLeafRows: 5, minCategoryRows: 5 },
            context,
          ),
        ),
      )
      assert.ok(models.every(({ trees }) => trees.categorySet.some((set) => set >= 0)))
      for (const format of formats) {
        const jobs = models.map((model, i) => {
          const file = join(folder, `${library}-trained-${i}.${format}`)
          writeFileSync(file, write(model, format))
          return { file, names: answer.names, categorical: model.categoricalFeatures, rows: answer.rows }
        })
        for (const [i, there] of predictThere(library, jobs).entries()) assertAgree(there, models[i], matrix)
      }
    })

    it('come from models of any shape and objective', () => {
      for (const format of formats) {
        const jobs = OBJECTIVE_NAMES.map((objective, i) => {
          const model = randomModel(createRng(i + 1), objective, i % 2 === 0)
          const rows = probingRows(createRng(100 + i), 200)
          const file = join(folder, `${library}-random-${i}.${format}`)
          writeFileSync(file, write(model, format))
          return { model, rows, file, names: model.featureNames.map(nameOf), categorical: model.categoricalFeatures }
        })
        const there = predictThere(
          library,
          jobs.map(({ model: _, rows, ...job }) => ({ ...job, rows: rowsOf(rows) })),
        )
        for (const [i, { model, rows }] of jobs.entries()) assertAgree(there[i], model, rows)
      }
    })
  })
