import { createContext } from 'fivefold'
import {
  attributionImportance,
  explainBoosting,
  explainInteractions,
  partialDependence,
  topContributions,
  trainBoosting,
} from 'fivefold/boosting'
import type { FeatureMatrix } from 'fivefold/data'

const context = createContext({ seed: 7, threads: 2 })
const rowCount = 2000
const uniform = () => Float32Array.from({ length: rowCount }, () => context.rng.next())
const features: FeatureMatrix = { rowCount, names: ['a', 'b', 'noise'], values: [uniform(), uniform(), uniform()] }
const [a, b] = features.values
const values = Float64Array.from({ length: rowCount }, (_, i) => a![i]! * b![i]! + Math.sin(6 * a![i]!))
const model = await trainBoosting({ features, target: { kind: 'number', values } }, { rounds: 80 }, context)

// Why the first three rows are predicted as they are, against the first hundred.
const part = (end: number): FeatureMatrix => ({
  ...features,
  rowCount: end,
  values: features.values.map((v) => v.slice(0, end)),
})
const attributions = await explainBoosting(model, part(3), { background: part(100) }, context)
for (const { score, baseValue, contributions } of topContributions(attributions, part(3), 2)) {
  const reasons = contributions.map(({ name, value, contribution }) => `${name}=${value.toFixed(2)} ${contribution}`)
  console.log(`${score} = ${baseValue} and ${reasons.join(', ')}`)
}

// How far each feature moves predictions, and which two act together.
for (const { name, meanAbsolute } of attributionImportance(await explainBoosting(model, features, {}, context)))
  console.log(name, meanAbsolute.toFixed(4))
const interactions = await explainInteractions(model, part(1), context)
console.log('a with b in the first row:', 2 * interactions.values[1]!)

const { grid, mean } = await partialDependence(model, part(500), { features: ['a'], gridSize: 5 }, context)
for (const [i, value] of grid[0]!.entries()) console.log(`a = ${value.toFixed(2)}: ${mean[i]!.toFixed(3)} on average`)
