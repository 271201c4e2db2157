import { createContext } from 'fivefold'
import { compileBoosting, featureImportance, predictBoosting, trainBoosting } from 'fivefold/boosting'
import type { FeatureMatrix } from 'fivefold/data'
import { regressionMetric } from 'fivefold/metrics'
import { createGraphBuilder } from 'fivefold/onnx'

const context = createContext({ seed: 7, threads: 2 })
const rowCount = 2000
const uniform = () => Float32Array.from({ length: rowCount }, () => context.rng.next())
const features: FeatureMatrix = { rowCount, names: ['a', 'b', 'noise'], values: [uniform(), uniform(), uniform()] }
const [a, b] = features.values
const values = Float64Array.from({ length: rowCount }, (_, i) => Math.sin(6 * a![i]!) + b![i]! ** 2)

// Worker threads grow the trees; how many does not change the model.
const model = await trainBoosting({ features, target: { kind: 'number', values } }, { rounds: 80 }, context)
const predictions = predictBoosting(model, features)
if (predictions.kind === 'number')
  console.log('R² on the training rows', regressionMetric('r2', { actual: values, predicted: predictions.values }))
for (const { name, gain, splits } of featureImportance(model)) console.log(name, gain.toFixed(3), `${splits} splits`)

const builder = createGraphBuilder({ name: 'trees' })
const matrix = builder.input('matrix', 'float', ['N', 3])
builder.output('prediction', compileBoosting(model, builder, matrix), 'float', ['N', 1])
console.log(`as ONNX: ${builder.build().length} bytes`)
