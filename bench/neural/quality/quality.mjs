import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../../../packages/fivefold/dist/core/index.js'
import { sharedData } from '../../boosting/shared-tables.mjs'
import { progress, showTable } from '../../boosting/terminal.mjs'
import { QUALITY_CASES } from './cases.mjs'
import { trainAndTest } from './train-and-test.mjs'

const SEED = 7

/** Accuracy on the test rows, which nothing but the last measurement sees, with a picture of each training. */
export async function measureQuality({ cases, epochs, rows, threads: [threads], out }) {
  mkdirSync(out, { recursive: true })
  const results = []
  for (const name of cases) {
    const { folder, load, models, baseline, target = null } = QUALITY_CASES[name]
    const path = sharedData(folder)
    if (path === undefined) {
      progress(`${name}: skipped, the shared data are not there`)
      results.push({ case: name, skipped: 'the shared data are not there' })
      continue
    }
    const data = await load(path, rows)
    const peer = (await baseline?.(data)) ?? null
    for (const [model, define] of Object.entries(models)) {
      progress(`${name}, ${model}: ${data.train.count} training rows`)
      const measured = await trainAndTest(define(data), data, { name, model, epochs, threads, seed: SEED, out })
      results.push({ case: name, model, ...measured, target, baseline: peer })
      progress(
        `${name}, ${model}: accuracy ${measured.accuracy.value.toFixed(4)}, baseline ${peer?.accuracy ?? 'none'}`,
      )
    }
  }
  showTable(results.filter(({ skipped }) => skipped === undefined).map(tableRow))
  const report = { measured: 'quality', version, seed: SEED, threads, results }
  writeFileSync(join(out, 'quality.json'), JSON.stringify(report, null, 2))
  return report
}

function tableRow({ case: name, model, epochs, seconds, accuracy, target, baseline }) {
  return {
    case: name,
    model,
    epochs,
    seconds: Math.round(seconds),
    accuracy: `${accuracy.value.toFixed(4)} [${accuracy.low.toFixed(4)}, ${accuracy.high.toFixed(4)}]`,
    target: target ?? '',
    baseline: baseline === null ? '' : `${baseline.accuracy.toFixed(4)} ${baseline.model}`,
  }
}
