/** A table beyond its memory budget, through the command line and its config. */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { assertDone, fivefold, workFolder } from '../installed.mjs'
import { churnRows, writeCsv } from '../tables.mjs'

describe('memoryMb', () => {
  it('lets samples stand for all rows, and the summary, run.json and exit code say so or stay as they were', async () => {
    const cwd = workFolder('budget')
    writeCsv(cwd, 'churn.csv', churnRows(30_000))
    const config = {
      data: 'churn.csv',
      target: 'churn',
      out: 'out',
      memoryMb: 1,
      budgetMs: 1,
      split: { kind: 'random', testFraction: 0.4 },
    }
    writeFileSync(join(cwd, 'fivefold.config.mjs'), `export default ${JSON.stringify(config)}\n`)
    const args = ['run', '--config', 'fivefold.config.mjs']
    const run = await fivefold([...args, '--json'], { cwd })
    assertDone(run)
    const { compared, fitted, tested } = run.json.sampled
    assert.deepEqual(
      [compared.of, fitted.of, tested.of].every((of) => of === 18_000 || of === 12_000),
      true,
    )
    assert.ok(compared.rows < fitted.rows && fitted.rows < 18_000)
    assert.match(run.stderr, /fitted on a sample of .* of 18,000 training rows/)
    // Taken up from the cache the second time, and said all the same.
    const summary = await fivefold(args, { cwd })
    assertDone(summary)
    assert.match(summary.stdout, /train cached/)
    assert.match(summary.stdout, /the model is fitted on a sample of .* of 18,000 training rows/)
    assert.match(summary.stdout, /a sample of [\d,]+ of 12,000/)
  })
})
