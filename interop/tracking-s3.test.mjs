/** Artifacts in S3: against the server of moto, with MLflow's client, and read again by boto3. */
import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { fivefold, workFolder } from './harness.mjs'
import { pythonEnvironment, suiteRequirements } from './python-environment.mjs'
import { freePort, runScript, startFivefold } from './tracking-servers.mjs'

const main = process.env.FIVEFOLD_MAIN
const built = (file) => import(pathToFileURL(join(dirname(dirname(main)), file)).href)
const { CONTENT_STORE_CONTRACT } = await built('track/artifacts/content-store.contract.js')
const { createS3Content } = await built('track/artifacts/s3/s3-content.js')
const { parseS3Url } = await built('track/artifacts/s3/s3-location.js')

const storage = pythonEnvironment(suiteRequirements('requirements-s3.txt'))
const mlflow = pythonEnvironment(suiteRequirements('requirements-mlflow-3.txt'))
const reason = storage.reason ?? mlflow.reason
if (reason) console.log(`SKIPPED: ${reason}`)

describe('artifacts in S3', { skip: reason ?? false }, () => {
  let moto
  let endpoint
  let buckets = 0

  before(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' })
    const port = await freePort()
    moto = spawn(storage.python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
    endpoint = `http://127.0.0.1:${port}`
    for (let tries = 0; !(await fetch(endpoint).catch(() => undefined)); tries++) {
      assert.ok(tries < 300 && moto.exitCode === null, 'moto does not start')
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  })
  after(() => moto?.kill())

  const newBucket = async () => {
    const bucket = `fivefold-${buckets++}`
    await runScript(storage.python, 'read_s3.py', ['make', endpoint, bucket])
    return bucket
  }
  const seenByBoto = (bucket) => runScript(storage.python, 'read_s3.py', ['read', endpoint, bucket])

  for (const { name, run } of CONTENT_STORE_CONTRACT)
    it(name, async () => {
      const folder = workFolder()
      mkdirSync(join(folder, 'work'))
      const location = parseS3Url(`s3://${await newBucket()}/some/prefix?endpoint=${endpoint}`)
      const store = createS3Content(location, { cache: join(folder, 'cache') })
      try {
        await run(store, join(folder, 'work'))
      } finally {
        await store.close()
      }
    })

  it("is where MLflow's client puts and finds files and models, also in parts", async () => {
    const folder = workFolder()
    const bucket = await newBucket()
    const artifacts = `s3://${bucket}/team?endpoint=${endpoint}`
    const server = await startFivefold(main, join(folder, 'store'), { artifacts })
    try {
      const answer = await runScript(mlflow.python, 'tracking_session.py', [server.url, folder])
      assert.equal(answer.quickStart.large, true)
      assert.equal(answer.quickStart.text, 'hello')
      assert.deepEqual([...new Set(Object.values(answer.models.loaded))], [true])
    } finally {
      await server.stop()
    }
    const { contents, wrong, others, unfinished } = await seenByBoto(bucket)
    assert.ok(contents > 10, String(contents))
    assert.deepEqual([wrong, others, unfinished], [[], [], 0])
  })

  it('is where a run registers its model, which other commands fetch from there', async () => {
    const folder = workFolder()
    const bucket = await newBucket()
    const rows = Array.from({ length: 300 }, (_, i) => `${i % 17},${(i % 17) * 2 + (i % 3)}`)
    writeFileSync(join(folder, 'rows.csv'), ['size,price', ...rows].join('\n'))
    const config = {
      name: 'prices',
      data: { location: 'rows.csv' },
      target: 'price',
      budgetMs: 5000,
      tracking: { artifacts: `s3://${bucket}?endpoint=${endpoint}` },
    }
    writeFileSync(join(folder, 'fivefold.config.ts'), `export default ${JSON.stringify(config)}`)
    fivefold(['run'], folder)
    const out = join(folder, 'predictions.csv')
    fivefold(['predict', '--model', 'prices@champion', '--data', 'rows.csv', '--out', out], folder)
    const { models, wrong, others } = await seenByBoto(bucket)
    assert.ok(
      models.some((key) => /^models\/[0-9a-f]{64}\/model\.onnx$/.test(key)),
      models.join(),
    )
    assert.deepEqual([wrong, others], [[], []])
  })
})
