import { strict as assert } from 'node:assert'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { createTrackingClient } from '../packages/fivefold/dist/track/index.js'
import { workFolder } from './harness.mjs'
import { pythonEnvironment, suiteRequirements } from './python-environment.mjs'
import { startFivefold, startMlflow } from './tracking-servers.mjs'

const main = process.env.FIVEFOLD_MAIN

function environment(list) {
  const { python, reason } = pythonEnvironment(suiteRequirements(list))
  if (reason) console.log(`SKIPPED: ${reason}`)
  return { python, skip: reason ?? false }
}

const servers = {
  'MLflow 3': { ...environment('requirements-mlflow-3.txt'), start: startMlflow },
  Fivefold: { skip: false, start: (_, folder) => startFivefold(main, join(folder, 'store')) },
}

for (const [name, { python, skip, start }] of Object.entries(servers))
  describe(`the TypeScript client against the server of ${name}`, { skip }, () => {
    const folder = workFolder()
    let server
    let client

    before(async () => {
      server = await start(python, folder)
      client = createTrackingClient({ url: server.url, journal: join(folder, 'journal'), retryMs: 20 })
    })
    after(async () => {
      await client?.close()
      await server?.stop()
    })

    it('logs runs whole: values, nested runs, data, files', async () => {
      const run = client.startRun({ experiment: 'interop', name: 'outer', user: 'ada', tags: { first: '1' } })
      for (let index = 0; index < 120; index++) run.param(`p${index}`, index)
      const values = [0.1 + 0.2, 1 / 3, -5, 1e-300, ...Array.from({ length: 2500 }, (_, step) => step / 7)]
      for (const [step, value] of values.entries()) run.point({ key: 'loss', value, step, timestampMs: 1e12 + step })
      run.tags({ first: '2', note: 'ä\nb' })
      run.dataset({
        dataset: { name: 'iris', digest: 'd1', sourceType: 'local', source: '{}' },
        tags: { 'mlflow.data.context': 'training' },
      })
      const file = join(folder, 'note ä.txt')
      writeFileSync(file, 'inside')
      run.artifact('texts/note.txt', file)
      const child = run.child('inner')
      child.metric('loss', 1, 3)
      child.end('failed')
      run.end()
      await client.flush()
      const id = await run.id()
      const stored = await client.runs.get(id)
      assert.equal(stored.status, 'finished')
      assert.equal(stored.name, 'outer')
      assert.equal(Object.keys(stored.params).length, 120)
      assert.deepEqual([stored.tags.first, stored.tags.note], ['2', 'ä\nb'])
      assert.deepEqual(stored.inputs.datasets[0].dataset.name, 'iris')
      const history = await client.runs.metricHistory(id, 'loss')
      assert.deepEqual(
        history.sort((a, b) => a.step - b.step).map(({ value }) => value),
        values,
      )
      assert.equal(await text(await client.artifacts.open(id, 'texts/note.txt')), 'inside')
      const inner = await client.runs.get(await child.id())
      assert.deepEqual([inner.status, inner.tags['mlflow.parentRunId']], ['failed', id])
      const found = await client.runs.search({
        experimentIds: [stored.experimentId],
        filter: "metrics.loss > 300 and attributes.run_name = 'outer'",
      })
      assert.deepEqual(
        found.items.map((one) => one.id),
        [id],
      )
    })

    it('makes a model and a version of it, with an alias', async () => {
      const model = join(folder, 'model')
      mkdirSync(model)
      writeFileSync(join(model, 'MLmodel'), 'flavors:\n  python_function:\n    loader_module: none\n')
      const run = client.startRun({ experiment: 'interop' })
      run.model('model', model, { register: { name: 'churn', aliases: ['champion'], tags: { k: 'v' } } })
      run.end()
      await client.flush()
      const version = await client.models.byAlias('churn', 'champion')
      assert.deepEqual([version.version, version.runId, version.tags.k], [1, await run.id(), 'v'])
    })

    it('sends a value twice without its being there twice, and refuses only what is wrong', async () => {
      const run = client.startRun({ experiment: 'interop' })
      const point = { key: 'loss', value: 0.5, step: 1, timestampMs: 1e12 }
      run.point(point)
      await client.flush()
      run.point(point)
      run.point({ ...point, step: 2 })
      run.param('rate', 1)
      run.param('rate', 2)
      await assert.rejects(client.flush(), { code: 'OPTION_INVALID' })
      assert.equal(client.status().rejected, 1)
      const id = await run.id()
      assert.equal((await client.runs.metricHistory(id, 'loss')).length, 2)
      assert.equal((await client.runs.get(id)).params.rate, '1')
    })
  })

describe('a server that is killed three times while a client logs', () => {
  it('has every value in the end, and none twice', async () => {
    const folder = workFolder()
    const place = join(folder, 'store')
    let server = await startFivefold(main, place)
    const { port } = server
    const client = createTrackingClient({ url: server.url, journal: join(folder, 'journal'), delayMs: 5, retryMs: 20 })
    const run = client.startRun({ experiment: 'killed' })
    let step = 0
    const timer = setInterval(() => {
      for (let count = 0; count < 50; count++) run.metric('loss', step, step++)
    }, 2)
    for (let kill = 0; kill < 3; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      await server.stop('SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, 50))
      server = await startFivefold(main, place, { port })
    }
    clearInterval(timer)
    await client.flush()
    const history = await client.runs.metricHistory(await run.id(), 'loss')
    assert.deepEqual(
      history.map(({ value }) => value),
      [...Array(step).keys()],
    )
    await client.close()
    await server.stop()
  })
})
