import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { assertDone, fivefold, sharedTable, skipWithout, workFolder } from '../installed.mjs'
import { churnRows, writeCsv } from '../tables.mjs'

/** Bytes of every file of a bundle that was trained in an empty folder: no cache is shared. */
async function bundleHashes(data, target, flags) {
  const cwd = workFolder('same')
  assertDone(await fivefold(['run', '--data', data, '--target', target, '--out', 'out', '--json', ...flags], { cwd }))
  const model = join(cwd, 'out/model')
  const names = readdirSync(model).sort()
  const hash = (name) =>
    createHash('sha256')
      .update(readFileSync(join(model, name)))
      .digest('hex')
  return Object.fromEntries(names.map((name) => [name, hash(name)]))
}

describe('same data, config and seed', () => {
  const made = writeCsv(workFolder('same-data'), 'churn.csv', churnRows(1200))
  const titanic = sharedTable('titanic/titanic.csv')

  it('gives the same bundle, byte for byte, at any thread count; another seed gives another', async () => {
    const first = await bundleHashes(made, 'churn', ['--seed', 11, '--threads', 1])
    assert.deepEqual(await bundleHashes(made, 'churn', ['--seed', 11, '--threads', 1]), first)
    assert.deepEqual(await bundleHashes(made, 'churn', ['--seed', 11, '--threads', 2]), first)
    const other = await bundleHashes(made, 'churn', ['--seed', 12, '--threads', 2])
    assert.notEqual(other['model.onnx'], first['model.onnx'])
  })

  it('titanic, texts and missing values included', { skip: skipWithout(titanic) }, async () => {
    const first = await bundleHashes(titanic, 'survived', ['--threads', 1])
    assert.deepEqual(await bundleHashes(titanic, 'survived', ['--threads', 2]), first)
  })
})
