/** What the suites share: the command line, the Python scripts, trained models of real tables. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const { FIVEFOLD_PYTHON, FIVEFOLD_MAIN, FIVEFOLD_REPOSITORY } = process.env
assert.ok(FIVEFOLD_PYTHON, 'run these suites through `node interop/run.mjs`')
const scripts = fileURLToPath(new URL('python', import.meta.url))

export function workFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'fivefold-interop-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function fivefold(args, cwd) {
  const result = spawnSync(process.execPath, [FIVEFOLD_MAIN, ...args.map(String), '--json'], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  assert.equal(result.status, 0, `fivefold ${args[0]}: ${result.stdout.slice(0, 2000)}\n${result.stderr.slice(-2000)}`)
  return JSON.parse(result.stdout)
}

/** Runs a script of interop/python; its stdout is one JSON document. */
export function python(script, args) {
  const result = spawnSync(FIVEFOLD_PYTHON, [join(scripts, script), ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.equal(result.status, 0, `${script}: ${result.error ?? result.signal ?? ''} ${result.stderr.slice(-3000)}`)
  return JSON.parse(result.stdout)
}

const ADULT =
  'age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain capital_loss hours_per_week native_country income'

/** Real tables: where they lie beside the checkout, their target, and names for those without a header. */
export const TABLES = [
  { name: 'titanic', path: 'titanic/titanic.csv', target: 'survived' },
  { name: 'adult', path: 'adult/adult-train.csv', target: 'income', columns: ADULT.split(' ') },
  { name: 'california', path: 'california-housing/housing.csv', target: 'median_house_value' },
].map((table) => ({ ...table, file: sharedTable(table.path) }))

function sharedTable(path) {
  for (let folder = FIVEFOLD_REPOSITORY; ; folder = dirname(folder)) {
    const found = join(folder, '..', 'shared', 'data', 'tabular', path)
    if (existsSync(found)) return found
    if (dirname(folder) === folder) return undefined
  }
}

export const skipWithout = (file) => (file ? false : 'since ../shared/data is missing')

const trained = new Map()

/** A model of the table, trained once a process, with Fivefold's own predictions for every row. */
export function trainedOn(table) {
  const known = trained.get(table.name)
  if (known) return known
  const folder = workFolder()
  const names = table.columns ? ['--columns', ...table.columns] : []
  const run = fivefold(
    ['run', '--data', table.file, '--target', table.target, '--budget', '20s', '--out', 'out', ...names],
    folder,
  )
  const bundle = join(folder, 'out/model')
  const out = join(folder, 'predictions.jsonl')
  fivefold(['predict', '--model', bundle, '--data', table.file, '--out', out, ...names], folder)
  const predictions = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const model = { run, bundle, predictions, file: table.file, columns: table.columns ?? [] }
  trained.set(table.name, model)
  return model
}

/** Holds columns of values against rows of predictions; numbers to a relative or absolute 1e-6. */
export function assertSamePredictions(columns, predictions) {
  const names = Object.keys(predictions[0]).filter((name) => name in columns)
  assert.ok(names.length > 0, `${Object.keys(columns)} are not among ${Object.keys(predictions[0])}`)
  for (const name of names) {
    assert.equal(columns[name].length, predictions.length, name)
    for (const [row, value] of columns[name].entries()) {
      const expected = predictions[row][name]
      if (typeof value !== 'number') assert.equal(String(value), String(expected), `${name}, row ${row}`)
      else
        assert.ok(
          Math.abs(value - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
          `${name}, row ${row}: ${value} and ${expected}`,
        )
    }
  }
  return names
}
