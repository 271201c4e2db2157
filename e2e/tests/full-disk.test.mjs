import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { assertDone, assertError, assertNothingHalfWritten, fivefold, workFolder } from '../installed.mjs'
import { churnRows, writeCsv } from '../tables.mjs'

const folder = workFolder('disk')
const data = writeCsv(folder, 'churn.csv', churnRows(2000))

/** A file system of its own size, where the user may mount one; else why not. */
function mountSmall(path, size) {
  mkdirSync(path)
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], {
    encoding: 'utf8',
  })
  if (status !== 0) return `a small file system cannot be mounted: ${error?.message ?? stderr.trim()}`
  return undefined
}

describe('a disk that is full', () => {
  const small = join(folder, 'small')
  const refusal = mountSmall(small, '200k')
  after(() => {
    if (refusal === undefined) spawnSync('umount', [small])
  })

  it('is said, nothing half-written stays, and room lets the next run finish', { skip: refusal }, async () => {
    const args = ['run', '--data', data, '--target', 'churn', '--out', 'out', '--json']
    const result = await fivefold(args, { cwd: small })
    assertError(result, { exitCode: 1, codes: ['STORAGE_FULL'] })
    assertNothingHalfWritten(join(small, 'out'))
    assert.equal(spawnSync('mount', ['-o', 'remount,size=64m', small]).status, 0)
    assertDone(await fivefold(args, { cwd: small }))
  })
})

describe('a folder that may not be written', () => {
  const locked = join(folder, 'locked')
  mkdirSync(locked)
  chmodSync(locked, 0o555)
  const root = process.getuid?.() === 0 ? 'root may write everywhere' : false

  it('is said', { skip: root }, async () => {
    const result = await fivefold(
      ['run', '--data', data, '--target', 'churn', '--out', join(locked, 'out'), '--json'],
      { cwd: folder },
    )
    assertError(result, { exitCode: 1, codes: ['STORAGE_DENIED'] })
    assert.ok(!existsSync(join(locked, 'out')))
  })
})
