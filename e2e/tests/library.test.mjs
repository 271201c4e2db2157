import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { project, start } from '../installed.mjs'

describe('the package as a library', () => {
  it('is imported from a user’s own module and does no work by itself', async () => {
    const file = join(project, 'use.mjs')
    writeFileSync(file, `import * as fivefold from 'fivefold'\nconsole.log(JSON.stringify(Object.keys(fivefold)))`)
    const result = await start([], { cwd: project, first: [file] }).done
    assert.equal(result.code, 0, result.stderr)
    assert.equal(result.stderr, '')
    for (const name of ['runProject', 'openBundle', 'detectDrift', 'defineProject', 'FivefoldError'])
      assert.ok(result.json.includes(name), `${name} is not exported`)
  })

  it('opens only its front door', async () => {
    const file = join(project, 'reach-in.mjs')
    writeFileSync(file, `await import('fivefold/dist/core/index.js').catch((error) => console.log(error.code))`)
    const result = await start([], { cwd: project, first: [file] }).done
    assert.equal(result.stdout.trim(), 'ERR_PACKAGE_PATH_NOT_EXPORTED')
  })
})
