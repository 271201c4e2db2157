import { createContext } from 'fivefold'
import { crossValidateBoosting, predictBoosting, refitBoosting, trainBoosting } from 'fivefold/boosting'
import type { FeatureMatrix } from 'fivefold/data'

// Claims a year, by region (a category: codes, no order), age of the car and power of its engine.
const context = createContext({ seed: 7, threads: 2 })
const rowCount = 4000
const column = (value: (row: number) => number) => Float32Array.from({ length: rowCount }, (_, row) => value(row))
const region = column(() => context.rng.int(30))
const age = column(() => context.rng.int(20))
const power = column(() => 50 + context.rng.int(150))
const features: FeatureMatrix = { rowCount, names: ['region', 'age', 'power'], values: [region, age, power] }
const rate = (row: number): number =>
  Math.exp(-2 + 0.01 * power[row]! - 0.03 * age[row]! + ((region[row]! * 7) % 5) / 5)
const values = Float64Array.from({ length: rowCount }, (_, row) => (context.rng.next() < rate(row) ? 1 : 0))
const data = { features, target: { kind: 'number', values } as const, categorical: ['region'] }

// Counts want a log link, more power must not lower the rate, and age and region shall not meet on a path.
const params = {
  objective: 'poisson',
  monotone: { power: 1 },
  interactions: [
    ['region', 'power'],
    ['age', 'power'],
  ],
  learningRate: 0.05,
  rounds: 300,
  earlyStoppingRounds: 30,
} as const
const folds = Uint8Array.from({ length: rowCount }, (_, row) => row % 5)
const { bestRound, mean, deviation } = await crossValidateBoosting(data, params, folds, context)
const best = bestRound - 1
console.log(`${bestRound} rounds: deviance/2 ${mean[best]!.toFixed(4)} ± ${deviation[best]!.toFixed(4)} over the folds`)

const model = await trainBoosting(data, { ...params, rounds: bestRound, earlyStoppingRounds: 0 }, context)
const byPower = predictBoosting(model, {
  rowCount: 3,
  names: features.names,
  values: [Float32Array.of(3, 3, 3), Float32Array.of(5, 5, 5), Float32Array.of(60, 120, 180)],
})
if (byPower.kind === 'number')
  console.log(
    'rate by power',
    [...byPower.values].map((value) => value.toFixed(3)),
  )

// An objective of one's own: errors below count three times. It runs in this thread, training waits for it.
const asymmetric = await trainBoosting(data, { rounds: 50 }, context, {
  objective: {
    gradients: ({ scores, targets, gradients, hessians }) => {
      for (let row = 0; row < scores.length; row++) {
        const factor = scores[row]! < targets[row]! ? 3 : 1
        gradients[row] = factor * (scores[row]! - targets[row]!)
        hessians[row] = factor
      }
    },
  },
})
// More rounds on top.
const longer = await trainBoosting(
  { ...data, initialModel: model },
  { ...params, rounds: 10, earlyStoppingRounds: 0 },
  context,
)
// New leaf values from newer rows, without new splits; constraints would not survive that, so this model has none.
const plain = await trainBoosting(data, { objective: 'poisson', rounds: 50 }, context)
const doubled = { features, target: { kind: 'number', values: values.map((value) => 2 * value) } } as const
const newer = await refitBoosting(plain, doubled, context)
for (const [name, { trees }] of Object.entries({ model, asymmetric, longer, newer }))
  console.log(name, `${trees.starts.length - 1} trees`)
