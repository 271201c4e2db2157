import { createContext } from 'fivefold'
import { linearCoefficients, predictLinear, trainLinear } from 'fivefold/linear'

const context = createContext({ seed: 7 })
const rowCount = 1000
const normal = () => Float32Array.from({ length: rowCount }, () => context.rng.normal())
const features = { rowCount, names: ['helps', 'hinders', 'noise'], values: [normal(), normal(), normal()] }
const [helps, hinders] = features.values
const codes = Int32Array.from({ length: rowCount }, (_, i) =>
  Number(2 * helps![i]! - hinders![i]! + context.rng.normal() > 0),
)

// l1 = 20 is LogisticRegression(penalty='l1', C=1 / 20) of scikit-learn: what does not help becomes exactly 0.
const target = { kind: 'classes', classes: ['no', 'yes'], codes } as const
const model = await trainLinear({ features, target }, { l1: 20, l2: 0 }, context)
for (const { name, values, scale } of linearCoefficients(model)) console.log(name, values, `scale ${scale.toFixed(2)}`)

const predictions = predictLinear(model, features)
if (predictions.kind === 'classes') console.log('P(yes) of row 0:', predictions.probabilities[1], 'label', codes[0])
