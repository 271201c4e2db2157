import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fivefold, workFolder } from './harness.mjs'
import { pythonEnvironment, suiteRequirements } from './python-environment.mjs'
import { runScript, startFivefold, startMlflow } from './tracking-servers.mjs'

const main = process.env.FIVEFOLD_MAIN

function environment(list) {
  const { python, reason } = pythonEnvironment(suiteRequirements(list))
  if (reason) console.log(`SKIPPED: ${reason}`)
  return { python, skip: reason ?? false }
}

const newest = environment('requirements-mlflow-3.txt')
const older = environment('requirements-mlflow-2.txt')

for (const [name, { python, skip }] of Object.entries({ 'MLflow 3': newest, 'MLflow 2': older }))
  describe(`the client of ${name}`, { skip }, () => {
    let server
    let answer

    before(async () => {
      const folder = workFolder()
      server = await startFivefold(main, join(folder, 'store'))
      answer = await runScript(python, 'tracking_session.py', [server.url, folder])
    })
    after(() => server?.stop())

    it('logs, reads back, and moves artifacts in both directions', () => {
      assert.deepEqual(answer.quickStart, {
        status: 'FINISHED',
        name: 'first',
        params: 151,
        loss: 0.1,
        nan: true,
        inf: true,
        note: 'a\nb ä',
        history: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        artifacts: [
          ['big', true],
          ['hello.txt', false],
          ['nested', true],
        ],
        nested: ['nested/dict.json'],
        text: 'hello',
        dict: { a: 1 },
        large: true,
        dataset: [['iris', 'training']],
        changedParam: 'INVALID_PARAMETER_VALUE',
        unknownRun: 'RESOURCE_DOES_NOT_EXIST',
        deletedTag: false,
      })
    })

    it('nests runs, deletes and restores them', () => {
      assert.deepEqual(answer.nested, { children: [2, 1, 0], afterDelete: 3 })
    })

    it('logs what scikit-learn does by itself', () => {
      const { C, accuracy, estimator, artifacts, outputs } = answer.autologging
      assert.deepEqual([C, estimator], ['1.0', 'LogisticRegression'])
      assert.ok(accuracy > 0.9, String(accuracy))
      assert.ok(artifacts.includes('estimator.html'), artifacts.join())
      if (name === 'MLflow 3') assert.equal(outputs, 1)
      else assert.ok(artifacts.includes('model'), artifacts.join())
    })

    it('logs, registers and loads models, by every name that they have', () => {
      const { loaded, alias, renamed, versions, byRun, found, reserved, unknown, taken, logged } = answer.models
      assert.deepEqual(Object.values(loaded), [true, true, true, true, true, true], JSON.stringify(loaded))
      assert.deepEqual(alias, ['1', { checked: 'yes' }, true])
      assert.deepEqual(renamed, ['flowers', { team: 'x' }, {}])
      assert.deepEqual([versions, byRun, found], [[2, 1], 2, ['flowers']])
      assert.deepEqual(
        [reserved, unknown, taken],
        ['INVALID_PARAMETER_VALUE', 'RESOURCE_DOES_NOT_EXIST', 'RESOURCE_ALREADY_EXISTS'],
      )
      if (name === 'MLflow 3') assert.deepEqual(logged, [2, 'READY', 'b'])
    })

    it('names, tags, deletes and restores experiments', () => {
      assert.deepEqual(answer.experiments, {
        deleted: 'deleted',
        tags: { k: 'v', more: 'w' },
        found: ['renamed'],
        taken: 'RESOURCE_ALREADY_EXISTS',
      })
    })

    if (name === 'MLflow 3')
      it('writes and reads traces', () => {
        assert.deepEqual(answer.traces, {
          count: 1,
          state: 'OK',
          spans: ['ask', 'inner'],
          response: '"WHY"',
          tag: 'yes',
          deleted: 1,
        })
      })
  })

describe('searches', { skip: newest.skip }, () => {
  it('find what they find in a server of MLflow', async () => {
    const folder = workFolder()
    const servers = [await startFivefold(main, join(folder, 'store')), await startMlflow(newest.python, folder)]
    try {
      const [ours, theirs] = await Promise.all(
        servers.map(({ url }) => runScript(newest.python, 'tracking_filters.py', [url])),
      )
      assert.ok(Object.keys(theirs).length > 50)
      assert.ok(Object.values(theirs).filter((names) => Array.isArray(names) && names.length > 0).length > 35)
      for (const [search, names] of Object.entries(theirs)) assert.deepEqual(ours[search], names, search)
    } finally {
      for (const server of servers) await server.stop()
    }
  })
})

describe('what fivefold run made', { skip: newest.skip }, () => {
  it('shows as a run, and its bundle loads from the registry by its alias', async () => {
    const folder = workFolder()
    const rows = Array.from({ length: 300 }, (_, i) => [
      i % 17,
      ['red', 'green', 'blue'][i % 3],
      (i % 17) * 2 + (i % 3),
    ])
    writeFileSync(join(folder, 'rows.csv'), ['size,color,price', ...rows.map((row) => row.join())].join('\n'))
    fivefold(['run', '--data', 'rows.csv', '--target', 'price', '--name', 'prices', '--budget', '5s'], folder)
    const server = await startFivefold(main, join(folder, '.fivefold'))
    try {
      const columns = JSON.stringify({ size: [3, 16], color: ['red', 'blue'] })
      const answer = await runScript(newest.python, 'load_registered.py', [
        server.url,
        'models:/prices@champion',
        columns,
      ])
      const [first, second] = answer.predictions.prediction
      assert.ok(Math.abs(first - 6) < 2 && Math.abs(second - 34) < 2, `${first} and ${second}`)
      assert.deepEqual(answer.versions, ['1'])
      assert.equal(answer.runs.length, 1)
      assert.ok(answer.nested > 1, 'candidates and folds are runs below it')
      const [status, seed, metrics] = answer.runs[0]
      assert.deepEqual([status, seed], ['FINISHED', '7'])
      assert.ok(metrics.includes('test.rmse'), metrics.join())
    } finally {
      await server.stop()
    }
  })
})
