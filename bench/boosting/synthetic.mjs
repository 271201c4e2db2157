import { createRng } from '../../packages/fivefold/dist/core/index.js'
import { allocateFeature } from '../../packages/fivefold/dist/data/index.js'

const SEED = 7
const MISSING = 0.02
const SIGNAL_FEATURES = 5

/** Two classes by a smooth signal with interactions, irrelevant columns and noise; one value in fifty is missing. */
export function twoClasses(rowCount, featureCount, testRows) {
  const part = (name, rows) =>
    makePart(name, rows, featureCount, (values, rng) => Number(signal(values) + rng.normal() > 0))
  return describe('binary', 2, featureCount, part('train', rowCount), part('test', testRows))
}

function signal([a, b, c, d, e]) {
  return 1.2 * a + Math.sin(2 * b) + c * d - 0.5 * e * e
}

/** The class of the highest of several signals, each of its own five features, after Gumbel noise (a softmax model). */
export function manyClasses(rowCount, featureCount, classCount, testRows) {
  const label = (values, rng) => {
    let best = 0
    let highest = Number.NEGATIVE_INFINITY
    for (let code = 0; code < classCount; code++) {
      const own = Array.from({ length: SIGNAL_FEATURES }, (_, i) => values[(code * 3 + i) % featureCount])
      const score = signal(own) - Math.log(-Math.log(rng.next() || Number.MIN_VALUE))
      if (score > highest) [best, highest] = [code, score]
    }
    return best
  }
  const part = (name, rows) => makePart(name, rows, featureCount, label)
  return describe('classes', classCount, featureCount, part('train', rowCount), part('test', testRows))
}

function describe(kind, classCount, featureCount, train, test) {
  return {
    kind,
    classCount,
    names: Array.from({ length: featureCount }, (_, i) => `f${i}`),
    categorical: [],
    train,
    test,
  }
}

function makePart(name, rowCount, featureCount, label) {
  const rng = createRng(SEED).fork(name)
  const values = Array.from({ length: featureCount }, () => allocateFeature(rowCount))
  const target = new Float64Array(rowCount)
  const row = new Float64Array(featureCount)
  for (let i = 0; i < rowCount; i++) {
    for (let f = 0; f < featureCount; f++) row[f] = rng.normal()
    target[i] = label(row, rng)
    for (let f = 0; f < featureCount; f++) values[f][i] = rng.next() < MISSING ? Number.NaN : row[f]
  }
  return { rowCount, values, target }
}
