/** Processes that are killed outright: what they leave is either whole or taken away by the next one. */
import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { assertDone, fivefold, mainFile, start, workFolder } from '../installed.mjs'
import { churnRows, writeCsv } from '../tables.mjs'

const coreUrl = pathToFileURL(join(mainFile, '../../core/index.js')).href
const databases = (folder) => readdirSync(folder).filter((name) => name.startsWith('fivefold-db-'))

/** Replaces a folder over and over, each time with two files of the same text. */
const REPLACER = `
import { writeFileSync } from 'node:fs'
import { writeFolderAtomic } from ${JSON.stringify(coreUrl)}
console.log('ready')
for (let i = 0; ; i++)
  await writeFolderAtomic('model', async (folder) => {
    for (const name of ['a', 'b']) writeFileSync(folder + '/' + name, String(i))
  })
`

describe('kill -9', () => {
  it('while a folder is replaced leaves the earlier or the later one, never none and never a part', async () => {
    const cwd = workFolder('replaced')
    writeFileSync(join(cwd, 'replacer.mjs'), REPLACER)
    const { recoverFolder, writeFolderAtomic } = await import(coreUrl)
    let foundWithout = 0
    for (let round = 0; round < 30; round++) {
      const child = spawn(process.execPath, ['replacer.mjs'], { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      // Long enough for the first replacement; then at any point of one.
      while (!existsSync(join(cwd, 'model'))) await pause(1)
      await pause(3 + ((round * 7) % 11))
      child.kill('SIGKILL')
      await once(child, 'exit')
      if (!existsSync(join(cwd, 'model'))) foundWithout++
      await recoverFolder(join(cwd, 'model'))
      const [a, b] = ['a', 'b'].map((name) => readFileSync(join(cwd, 'model', name), 'utf8'))
      assert.equal(a, b)
      assert.match(a, /^\d+$/)
    }
    console.log(`${foundWithout} of 30 kills fell between the two renames`)
    await writeFolderAtomic(join(cwd, 'model'), async (folder) => writeFileSync(join(folder, 'a'), ''))
    assert.deepEqual(readdirSync(cwd).sort(), ['model', 'replacer.mjs'])
  })

  it('leaves a model that opens, where it fell between the two renames of a bundle', async () => {
    const cwd = workFolder('between')
    writeCsv(cwd, 'churn.csv', churnRows(400))
    assertDone(await fivefold(['run', '--data', 'churn.csv', '--target', 'churn', '--out', 'out', '--json'], { cwd }))
    const { renameSync } = await import('node:fs')
    renameSync(join(cwd, 'out/model'), join(cwd, 'out/.model.previous'))
    assertDone(await fivefold(['evaluate', '--model', 'out/model', '--data', 'churn.csv', '--json'], { cwd }))
    assert.ok(existsSync(join(cwd, 'out/model/fivefold.json')))
    assert.ok(!existsSync(join(cwd, 'out/.model.previous')))
  })

  it('leaves a temporary database that the next run takes away, and only that', async () => {
    const cwd = workFolder('databases')
    const temporary = join(cwd, 'tmp')
    mkdirSync(temporary)
    const env = { TMPDIR: temporary }
    writeCsv(cwd, 'churn.csv', churnRows(20_000))
    const args = ['profile', 'churn.csv', '--out', 'out', '--json']
    const victim = start(args, { cwd, env })
    while (databases(temporary).length === 0) await pause(5)
    victim.child.kill('SIGKILL')
    await victim.done
    assert.equal(databases(temporary).length, 1)
    const [left] = databases(temporary)
    const alive = start(args, { cwd, env })
    while (!databases(temporary).some((name) => name !== left)) await pause(5)
    assert.ok(!databases(temporary).includes(left), 'the killed process left its database')
    const beside = await fivefold(args, { cwd, env })
    assertDone(beside)
    assertDone(await alive.done)
    assert.deepEqual(databases(temporary), [])
  })
})
