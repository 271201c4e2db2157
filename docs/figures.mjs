/** Repeats the figures of docs/library.md: coverage of intervals, and false alarms of drift reports. `node docs/figures.mjs` */
import { createContext, detectDrift, frameOf } from '../packages/fivefold/dist/index.js'
import { linearisedClassification, measureClassification, normalCdf } from '../packages/fivefold/dist/metrics/index.js'

/** Scores of two normal classes one standard deviation apart; calibrated, so that all metrics have a known truth. */
function sampleOf(rows, rng) {
  const codes = Int32Array.from({ length: rows }, () => Number(rng.next() < 0.3))
  const probabilities = new Float64Array(2 * rows)
  codes.forEach((code, row) => {
    const x = rng.normal() + code
    const positive = 1 / (1 + Math.exp(-(x - 0.5 + Math.log(0.3 / 0.7))))
    probabilities.set([1 - positive, positive], 2 * row)
  })
  return { codes, probabilities, classCount: 2 }
}

function coverage(rows, samples) {
  const names = ['accuracy', 'f1', 'rocAuc', 'prAuc', 'logLoss']
  const large = sampleOf(1_000_000, createContext({ seed: 1 }).rng)
  const truths = Object.fromEntries(names.map((name) => [name, linearisedClassification(name, large).value]))
  truths.rocAuc = normalCdf(1 / Math.SQRT2)
  const { rng } = createContext({ seed: 2 })
  const hits = Object.fromEntries(names.map((name) => [name, 0]))
  for (let seed = 0; seed < samples; seed++) {
    const metrics = measureClassification({ ...sampleOf(rows, rng), seed, metrics: names })
    for (const name of names)
      if (metrics[name] && metrics[name].low <= truths[name] && truths[name] <= metrics[name].high) hits[name]++
  }
  return Object.fromEntries(names.map((name) => [name, hits[name] / samples]))
}

async function falseAlarms(reports) {
  const { rng } = createContext({ seed: 3 })
  const frame = (rows) =>
    frameOf({
      ...Object.fromEntries(
        ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, Array.from({ length: rows }, () => rng.normal())]),
      ),
      ...Object.fromEntries(
        ['g', 'h', 'i', 'j'].map((name) => [name, Array.from({ length: rows }, () => `level ${rng.int(6)}`)]),
      ),
    })
  const column = (name) => ({ name, nullable: true, evidence: 'declared' })
  const schema = {
    columns: [
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ ...column(name), type: 'number', tensor: 'double' })),
      ...['g', 'h', 'i', 'j'].map((name) => ({ ...column(name), type: 'category', tensor: 'string' })),
    ],
  }
  let alarms = 0
  for (let seed = 0; seed < reports; seed++) {
    const context = createContext({ seed })
    const report = await detectDrift({ reference: frame(2000), current: frame(500), schema, context })
    if (report.drift) alarms++
  }
  return alarms / reports
}

console.log('coverage of 95% intervals, 2,000 samples of 200 rows', coverage(200, 2000))
console.log('share of 400 drift reports with an alarm where nothing drifts', await falseAlarms(400))
