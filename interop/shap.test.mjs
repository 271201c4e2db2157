/** Explanations of models trained here, held against the shap package and XGBoost explaining the same trees. */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { python, workFolder } from './harness.mjs'

const load = (path) => import(pathToFileURL(join(process.env.FIVEFOLD_REPOSITORY, 'packages/fivefold/dist', path)).href)
const boosting = await load('engines/boosting/index.js')
const { boostingModelToXgboost, explainBoosting, explainInteractions, trainBoosting } = boosting
const { createContext, createRng } = await load('core/index.js')

const ROWS = 3000
const FEATURES = 6
const EXPLAINED = 200
const TOLERANCE = 1e-6
const folder = workFolder()

/** Numbers with gaps, some on a coarse grid, so that thresholds are met exactly. */
function features(rng) {
  const values = Array.from({ length: FEATURES }, (_, feature) =>
    Float32Array.from({ length: ROWS }, () => {
      if (rng.next() < 0.08) return Number.NaN
      return feature % 2 === 0 ? rng.normal() : rng.int(9) / 2
    }),
  )
  return { rowCount: ROWS, names: values.map((_, i) => `feature ${i}`), values }
}

function signal({ values }, row) {
  const [a, b, c, d] = values.map((column) => column[row] || 0)
  return a * b + Math.sin(2 * c) + (d > 2 ? a : -c)
}

const TARGETS = {
  number: (x, row, noise) => signal(x, row) + noise,
  'two classes': (x, row, noise) => (signal(x, row) + noise > 0 ? 1 : 0),
  'three classes': (x, row, noise) => (signal(x, row) + noise > 1 ? 2 : signal(x, row) - noise > -1 ? 1 : 0),
}

function targetOf(kind, matrix, rng) {
  const values = Float64Array.from({ length: ROWS }, (_, row) => TARGETS[kind](matrix, row, rng.normal() / 3))
  if (kind === 'number') return { kind: 'number', values }
  const classes = kind === 'two classes' ? ['no', 'yes'] : ['low', 'middle', 'high']
  return { kind: 'classes', classes, codes: Int32Array.from(values) }
}

function firstRows(matrix, from, to) {
  return { ...matrix, rowCount: to - from, values: matrix.values.map((column) => column.slice(from, to)) }
}

const rowsOf = ({ rowCount, values }) =>
  Array.from({ length: rowCount }, (_, row) => values.map((column) => (Number.isNaN(column[row]) ? null : column[row])))

/** One tree in the shap package's form, children counted from the root and -1 in leaves. */
function shapTree(trees, tree) {
  const [begin, end] = [trees.starts[tree], trees.starts[tree + 1]]
  const each = (of) => Array.from({ length: end - begin }, (_, node) => of(begin + node))
  const child = (side) => each((node) => (trees.feature[node] < 0 ? -1 : trees.left[node] + side(node)))
  return {
    output: trees.output[tree],
    children_left: child(() => 0),
    children_right: child(() => 1),
    children_default: child((node) => 1 - trees.missingLeft[node]),
    features: each((node) => trees.feature[node]),
    // A split of missing values from all others is at infinity, which JSON does not have.
    thresholds: each((node) => Math.max(-1e300, Math.min(1e300, trees.threshold[node]))),
    node_sample_weight: each((node) => trees.cover[node]),
    values: each((node) => (trees.feature[node] < 0 ? trees.value[node] : 0)),
  }
}

function assertNear(actual, expected, what) {
  assert.equal(actual.length, expected.length, what)
  for (const [i, value] of expected.entries())
    assert.ok(
      Math.abs(actual[i] - value) <= TOLERANCE * Math.max(1, Math.abs(value)),
      `${what} ${i}: ${actual[i]}, ${value}`,
    )
}

for (const kind of Object.keys(TARGETS))
  describe(`explanations of a model of ${kind}`, () => {
    it('are those of the shap package and XGBoost', async () => {
      const rng = createRng(7)
      const matrix = features(rng)
      const data = { features: matrix, target: targetOf(kind, matrix, rng) }
      const model = await trainBoosting(data, { rounds: 15, maxLeaves: 15 }, createContext({ seed: 1, threads: 2 }))
      const explained = firstRows(matrix, 0, EXPLAINED)
      const background = firstRows(matrix, EXPLAINED, EXPLAINED + 50)
      const byCovers = await explainBoosting(model, explained)
      const byBackground = await explainBoosting(model, explained, { background })
      const interactions = await explainInteractions(model, explained)

      const [path, xgboost] = [join(folder, 'job.json'), join(folder, 'model.json')]
      writeFileSync(xgboost, boostingModelToXgboost(model, 'json'))
      const job = { xgboost, rows: rowsOf(explained), background: rowsOf(background), outputs: model.baseScores.length }
      const trees = Array.from(model.trees.output, (_, tree) => shapTree(model.trees, tree))
      writeFileSync(path, JSON.stringify({ ...job, base: model.baseScores, trees }))
      const theirs = python('explain_boosting.py', [path])

      assertNear(byCovers.values, theirs.covers, 'shap, by covers')
      assertNear(byBackground.values, theirs.background, 'shap, against a background')
      assertNear(interactions.values, theirs.interactions, 'shap, interactions')
      assertNear(byCovers.values, theirs.xgboost.values, 'XGBoost')
      assertNear(byCovers.baseValues, theirs.xgboost.base, 'XGBoost, base value')
      assertNear(interactions.values, theirs.xgboost.interactions, 'XGBoost, interactions')
      console.log(
        `${kind}: ${byCovers.values.length} values, shap ${theirs.versions.shap}, XGBoost ${theirs.versions.xgboost}`,
      )
    })
  })

const WRITERS = {
  xgboost: (model) => boosting.boostingModelToXgboost(model, 'json'),
  lightgbm: (model) => boosting.boostingModelToLightgbm(model),
}

/** A category of 40 levels beside two numbers, all with gaps; rows to explain have levels that training did not see. */
function categoryRows(rng, rowCount, levels = 60) {
  const gap = (value) => (rng.next() < 0.1 ? Number.NaN : value)
  const column = (draw) => Float32Array.from({ length: rowCount }, () => gap(draw()))
  const values = [column(() => rng.normal()), column(() => rng.int(9) / 2), column(() => rng.int(levels))]
  return { rowCount, names: ['amount', 'size', 'colour'], values }
}

async function trainByCategory(name) {
  const rng = createRng(5)
  const rows = categoryRows(rng, ROWS, 40)
  const [amount, size, colour] = rows.values
  const seen = { values: [amount, size, colour.map((code) => (code * 17) % 7), size] }
  const numbers = Float64Array.from({ length: ROWS }, (_, row) => TARGETS[name](seen, row, 0.3 * rng.normal()))
  const classCount = name === 'number' ? 0 : Math.max(...numbers) + 1
  const classes = Array.from({ length: classCount }, (_, code) => String(code))
  const target =
    classCount === 0
      ? { kind: 'number', values: numbers }
      : { kind: 'classes', classes, codes: Int32Array.from(numbers) }
  const params = { rounds: 10, minCategoryRows: 20 }
  return await trainBoosting({ features: rows, target, categorical: ['colour'] }, params, createContext({ seed: 1 }))
}

describe('explanations of splits by category', () => {
  for (const [library, write] of Object.entries(WRITERS))
    it(`are those of ${library} for the exported model`, async () => {
      const jobs = []
      for (const [i, name] of Object.keys(TARGETS).entries()) {
        const model = await trainByCategory(name)
        assert.ok(model.trees.categorySet.some((set) => set >= 0))
        const rows = categoryRows(createRng(100 + i), 200)
        const file = join(folder, `${library}-${i}`)
        writeFileSync(file, write(model))
        jobs.push({ model, rows, job: { library, file, rows: rowsOf(rows) } })
      }
      const path = join(folder, 'exported.json')
      writeFileSync(path, JSON.stringify({ models: jobs.map(({ job }) => job) }))
      for (const [i, { values, base }] of python('explain_exported.py', [path]).entries()) {
        const ours = await explainBoosting(jobs[i].model, jobs[i].rows)
        assertNear(ours.values, values, library)
        assertNear(ours.baseValues, base, `${library}, base value`)
      }
    })
})
