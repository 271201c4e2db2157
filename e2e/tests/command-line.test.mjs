import { strict as assert } from 'node:assert'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import {
  assertDone,
  assertError,
  assertNoStackTrace,
  fivefold,
  npx,
  project,
  sharedTable,
  skipWithout,
  workFolder,
} from '../installed.mjs'
import { churnRows, writeCsv } from '../tables.mjs'

describe('npx fivefold', () => {
  it('shows help and version', async () => {
    const help = await npx(['--help'])
    assertDone(help)
    for (const command of ['init', 'profile', 'run', 'predict', 'evaluate', 'serve', 'monitor', 'doctor'])
      assert.match(help.stdout, new RegExp(`^  ${command}`, 'm'))
    const { version } = JSON.parse(readFileSync(join(project, 'node_modules/fivefold/package.json'), 'utf8'))
    assert.equal((await npx(['--version'])).stdout.trim(), version)
  })

  it('doctor finds a machine that can do the work', async () => {
    const result = await npx(['doctor', '--json'])
    assertDone(result)
    assert.equal(result.json.ok, true)
  })
})

describe('from a table to predictions', () => {
  const folder = workFolder('churn')
  let data
  let run

  before(async () => {
    data = writeCsv(folder, 'churn.csv', churnRows(1500))
    run = await fivefold(['run', '--data', data, '--target', 'churn', '--seed', 7, '--out', 'out', '--json'], {
      cwd: folder,
    })
  })

  it('run.json has its agreed shape and is what stdout says', () => {
    assertDone(run)
    const record = JSON.parse(readFileSync(join(folder, 'out/run.json'), 'utf8'))
    assert.deepEqual(run.json, record)
    assertRunRecord(record, { task: 'classification', target: 'churn', seed: 7, rows: 1500, columns: 5 })
    assert.ok(record.test.metrics.rocAuc.value > record.baseline.metrics.rocAuc.value + 0.1)
  })

  it('writes the bundle and the reports', () => {
    for (const name of [
      'model/model.onnx',
      'model/MLmodel',
      'model/fivefold.json',
      'model/reference.parquet',
      'model/MODEL_CARD.md',
      'model/requirements.txt',
      'reports/profile.html',
      'reports/evaluation.html',
    ])
      assert.ok(existsSync(join(folder, 'out', name)), name)
    const page = readFileSync(join(folder, 'out/reports/evaluation.html'), 'utf8')
    assert.doesNotMatch(page, /(src|href)="https?:/)
  })

  it('a second run takes every stage from the cache', async () => {
    const again = await fivefold(['run', '--data', data, '--target', 'churn', '--seed', 7, '--out', 'out', '--json'], {
      cwd: folder,
    })
    assertDone(again)
    const train = again.json.stages.find(({ name }) => name === 'train')
    assert.equal(train.cached, true)
    assert.deepEqual(again.json.test.metrics, run.json.test.metrics)
  })

  for (const extension of ['csv', 'jsonl', 'parquet'])
    it(`predicts into ${extension}`, async () => {
      const out = join(folder, `predictions.${extension}`)
      const result = await fivefold(
        ['predict', '--model', join(folder, 'out/model'), '--data', data, '--out', out, '--json'],
        { cwd: folder },
      )
      assertDone(result)
      assert.equal(result.json.rows, 1500)
      const bytes = readFileSync(out)
      if (extension === 'parquet') return assert.equal(bytes.subarray(0, 4).toString(), 'PAR1')
      const lines = bytes.toString().trim().split('\n')
      assert.equal(lines.length, extension === 'csv' ? 1501 : 1500)
      for (const name of ['label', 'probability_no', 'probability_yes']) assert.ok(lines[0].includes(name), lines[0])
    })

  it('evaluates on labelled rows', async () => {
    const fresh = writeCsv(folder, 'fresh.csv', churnRows(600, 2))
    const result = await fivefold(
      ['evaluate', '--model', 'out/model', '--data', fresh, '--out', 'evaluated', '--json'],
      { cwd: folder },
    )
    assertDone(result)
    const { value, low, high } = result.json.metrics.rocAuc
    assert.ok(low <= value && value <= high && value > 0.6)
    assert.ok(existsSync(join(folder, 'evaluated/reports/evaluation.html')))
  })

  it('monitors: no drift in rows of the same kind, drift in rows that changed', async () => {
    const same = writeCsv(folder, 'same.csv', churnRows(800, 3))
    const changed = writeCsv(
      folder,
      'changed.csv',
      churnRows(800, 4).map((row) => ({ ...row, age: row.age + 15 })),
    )
    for (const [current, drift] of [
      [same, false],
      [changed, true],
    ]) {
      const result = await fivefold(
        ['monitor', '--reference', 'out/model', '--current', current, '--out', 'monitored', '--json'],
        { cwd: folder },
      )
      assertDone(result)
      assert.equal(result.json.drift, drift, JSON.stringify(result.json.columns.filter(({ alarm }) => alarm)))
      assert.equal(result.json.falseAlarmRate, 0.05)
    }
    assert.ok(existsSync(join(folder, 'monitored/reports/drift.html')))
  })

  it('profiles', async () => {
    const result = await fivefold(['profile', data, '--target', 'churn', '--out', 'profiled', '--json'], {
      cwd: folder,
    })
    assertDone(result)
    assert.ok(existsSync(join(folder, 'profiled/reports/profile.html')))
  })

  it('ends with 3 where the criteria are not met, and keeps the model', async () => {
    const config = `import { defineProject } from 'fivefold'
export default defineProject({ data: ${JSON.stringify(data)}, target: 'churn', out: 'strict', criteria: [{ metric: 'rocAuc', atLeast: 0.9999 }] })`
    writeFileSync(join(folder, 'strict.config.ts'), config)
    const result = await fivefold(['run', '--config', 'strict.config.ts', '--json'], { cwd: folder })
    assert.equal(result.code, 3, result.stdout + result.stderr)
    const [{ metric, at_least, met }] = result.json.criteria
    assert.deepEqual({ metric, at_least, met }, { metric: 'rocAuc', at_least: 0.9999, met: false })
    assert.ok(existsSync(join(folder, 'strict/model/model.onnx')))
    assertNoStackTrace(result)
  })

  it('refuses rows that lack a column of the model', async () => {
    const short = writeCsv(
      folder,
      'short.csv',
      churnRows(20).map(({ age, plan }) => ({ age, plan })),
    )
    const result = await fivefold(['predict', '--model', 'out/model', '--data', short, '--out', 'p.csv', '--json'], {
      cwd: folder,
    })
    assertError(result, { exitCode: 1, codes: ['DATA_COLUMN_UNKNOWN', 'MODEL_INPUT', 'DATA_SCHEMA_VIOLATION'] })
    assert.ok(!existsSync(join(folder, 'p.csv')))
  })
})

describe('titanic', () => {
  const titanic = sharedTable('titanic/titanic.csv')
  it('trains far above the baseline', { skip: skipWithout(titanic) }, async () => {
    const folder = workFolder('titanic')
    const result = await fivefold(['run', '--data', titanic, '--target', 'survived', '--out', 'out', '--json'], {
      cwd: folder,
    })
    assertDone(result)
    assertRunRecord(result.json, { task: 'classification', target: 'survived', seed: 7, rows: 891, columns: 11 })
    assert.ok(result.json.test.metrics.rocAuc.low > 0.7)
  })
})

describe('init', () => {
  it('makes a config that loads, and never overwrites', async () => {
    const folder = workFolder('init')
    assertDone(await fivefold(['init', '.', '--json'], { cwd: folder }))
    assert.match(readFileSync(join(folder, 'fivefold.config.ts'), 'utf8'), /defineProject/)
    assertError(await fivefold(['init', '.', '--json'], { cwd: folder }), { exitCode: 1, codes: ['STORE_CONFLICT'] })
    const run = await fivefold(['run', '--json'], { cwd: folder })
    assertError(run, { exitCode: 1, codes: ['DATA_NOT_FOUND'] })
  })
})

function assertRunRecord(record, { task, target, seed, rows, columns }) {
  assert.equal(record.task, task)
  assert.equal(record.target, target)
  assert.equal(record.seed, seed)
  assert.match(record.fivefold, /^\d+\.\d+\.\d+/)
  assert.match(record.data.hash, /^sha256:[0-9a-f]{64}$/)
  assert.equal(record.data.rows, rows)
  assert.equal(record.data.columns, columns)
  assert.ok(record.metric in record.test.metrics)
  assertMetrics(record.baseline.metrics)
  assert.ok(record.leaderboard.length >= 2)
  for (const entry of record.leaderboard) {
    assert.equal(typeof entry.estimator, 'string')
    assert.ok(entry.fitSeconds >= 0)
    assertMetrics(entry.metrics)
  }
  assertMetrics(record.test.metrics)
  assert.ok(record.test.rows > 0 && record.test.rows < rows)
  assert.equal(record.model.path, 'model')
  assert.ok(record.model.sizeBytes > 0)
  const { p50, p95, p99 } = record.model.latencyMs
  assert.ok(p50 > 0 && p50 <= p95 && p95 <= p99)
  for (const { name, seconds, cached } of record.stages) {
    assert.equal(typeof name, 'string')
    assert.ok(seconds >= 0)
    assert.equal(typeof cached, 'boolean')
  }
}

function assertMetrics(metrics) {
  for (const [name, { value, low, high }] of Object.entries(metrics)) {
    assert.match(name, /^[a-z][a-zA-Z0-9]*$/)
    assert.ok(low <= value && value <= high, `${name}: ${low} ${value} ${high}`)
  }
}
