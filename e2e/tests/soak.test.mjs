/** A short soak of the installed server; `npm run soak:serving` is the long one. */
import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { it } from 'node:test'
import { mainFile } from '../installed.mjs'

const soak = join(process.env.FIVEFOLD_REPOSITORY, 'bench/serving/soak.mjs')

it('models are replaced and processes killed under load, and no request fails', async () => {
  const flags = ['--seconds', '18', '--rate', '100', '--swap', '1', '--kill', '2', '--main', mainFile, '--json']
  const child = spawn(process.execPath, [soak, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const { phases } = JSON.parse(await text(child.stdout))
  for (const { phase, problems, answered, swaps, kills } of phases) {
    assert.deepEqual([phase, problems], [phase, []])
    assert.ok(answered > 0 && swaps > 0, `${phase}: ${answered} answered, ${swaps} swaps, ${kills} kills`)
  }
  assert.ok(phases.some(({ kills }) => kills > 0))
})
