import { describe, it } from 'vitest'
import { estimatorContract } from '../testing/index.ts'
import { boostingEstimator } from './boosting-estimator.ts'
import { linearEstimator } from './linear-estimator.ts'
import { ftTransformerEstimator, mlpEstimator } from './neural-estimator.ts'

const builtIn = [
  boostingEstimator('boosting', { rounds: 60, minLeafRows: 5, earlyStoppingRounds: 10 }),
  boostingEstimator('boosting, sampled', { rounds: 60, minLeafRows: 5, rowSample: 0.7, columnSample: 0.7 }),
  linearEstimator('linear', { l2: 1e-4 }),
  mlpEstimator('mlp', { hidden: [32], epochs: 20, batchSize: 64 }),
  ftTransformerEstimator('ft-transformer', {
    tokenSize: 8,
    heads: 2,
    layers: 1,
    epochs: 20,
    batchSize: 64,
    learningRate: 5e-3,
  }),
]

for (const estimator of builtIn) {
  describe(`the ${estimator.name} estimator`, () => {
    for (const { name, check } of estimatorContract) it(name, () => check(estimator))
  })
}
