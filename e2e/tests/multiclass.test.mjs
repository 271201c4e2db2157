/** Three classes from the command line: the penguins of Palmer station (Gorman, Williams and Fraser, 2014). */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { assertDone, fivefold, workFolder } from '../installed.mjs'
import { writeCsv } from '../tables.mjs'

const CLASSES = ['Adelie', 'Chinstrap', 'Gentoo']

/** As published in the package vega-datasets: 344 birds, some without measurements. */
function penguins() {
  const file = join(process.env.FIVEFOLD_REPOSITORY, 'node_modules/vega-datasets/data/penguins.json')
  const birds = JSON.parse(readFileSync(file, 'utf8'))
  return birds.map((bird) => Object.fromEntries(Object.entries(bird).map(([name, value]) => [name, value ?? ''])))
}

describe('three classes', () => {
  it('run, predict and evaluate tell the species apart far better than their shares do', async () => {
    const cwd = workFolder('penguins')
    const birds = penguins()
    assert.equal(birds.length, 344)
    writeCsv(cwd, 'penguins.csv', birds)
    const run = await fivefold(['run', '--data', 'penguins.csv', '--target', 'Species', '--out', 'out', '--json'], {
      cwd,
    })
    assertDone(run)
    const { metric, test, baseline, leaderboard, model, positiveClass } = run.json
    assert.equal(metric, 'logLoss')
    assert.equal(positiveClass, undefined)
    assert.equal(model.threshold, null)
    const figures = `log loss ${test.metrics.logLoss.value} against ${baseline.metrics.logLoss.value}, accuracy ${test.metrics.accuracy.value} on ${test.rows} rows by ${model.estimator}`
    console.log(figures)
    // Shares of 0.44, 0.36 and 0.20 have an entropy of 1.05; the species differ plainly in bill and flipper.
    assert.ok(Math.abs(baseline.metrics.logLoss.value - 1.05) < 0.05, figures)
    assert.ok(test.metrics.logLoss.value < 0.25 && test.metrics.logLoss.high < 0.6, figures)
    assert.ok(test.metrics.accuracy.value > 0.94, figures)
    assert.ok(leaderboard.length >= 2)

    assertDone(
      await fivefold(['predict', '--model', 'out/model', '--data', 'penguins.csv', '--out', 'p.jsonl'], { cwd }),
    )
    const predicted = readFileSync(join(cwd, 'p.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(predicted.length, 344)
    for (const row of predicted) {
      const probabilities = CLASSES.map((name) => row[`probability_${name}`])
      const sum = probabilities.reduce((total, value) => total + value, 0)
      assert.ok(Math.abs(sum - 1) < 1e-5, JSON.stringify(row))
      assert.equal(row.label, CLASSES[probabilities.indexOf(Math.max(...probabilities))])
    }
    const right = predicted.filter((row, at) => row.label === birds[at].Species).length
    assert.ok(right > 0.95 * 344, `${right} of 344 are right`)

    const measured = await fivefold(['evaluate', '--model', 'out/model', '--data', 'penguins.csv', '--json'], { cwd })
    assertDone(measured)
    assert.ok(Math.abs(measured.json.metrics.accuracy.value - right / 344) < 1e-9)
  })
})
