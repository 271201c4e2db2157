import { type Context, defineEstimator, type Estimator, FivefoldError } from 'fivefold'
import type { FitData, FittedEstimator } from 'fivefold/train'

/** Classes as round clouds of one size (Gaussian, unit variance): near its mean a class is probable. */
export const nearestMean: Estimator = defineEstimator({
  name: 'nearest-mean',
  tasks: ['classification'],
  features: 'linear',
  fit: async ({ features, target }: FitData, { signal }: Context): Promise<FittedEstimator> => {
    if (signal.aborted) throw new FivefoldError('CANCELLED', 'interrupted')
    if (target.kind !== 'classes') throw new FivefoldError('TRAIN_INPUT', 'nearest-mean tells classes apart')
    const [{ classes, codes }, width, columns] = [target, features.names.length, features.values]
    const counts = classes.map((_, k) => codes.reduce((n, code) => n + Number(code === k), 0))
    const sums = new Float32Array(width * classes.length)
    columns.forEach((x, f) => {
      for (const [row, code] of codes.entries()) sums[f * classes.length + code]! += x[row]! / counts[code]!
    })
    // log p(class | x) = x · mean - |mean|² / 2 + log p(class) + constant, so that one matrix product decides.
    const bias = Float32Array.from(classes, (_, k) =>
      columns.reduce((sum, _, f) => sum - sums[f * classes.length + k]! ** 2 / 2, Math.log(counts[k]! / codes.length)),
    )
    return {
      estimator: 'nearest-mean',
      params: {},
      predict: ({ rowCount, values }) => {
        const probabilities = new Float64Array(rowCount * classes.length)
        for (let row = 0; row < rowCount; row++) {
          const scores = classes.map((_, k) =>
            values.reduce((sum, x, f) => sum + x[row]! * sums[f * classes.length + k]!, bias[k]!),
          )
          const highest = Math.max(...scores)
          const weights = scores.map((score) => Math.exp(score - highest))
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          probabilities.set(
            weights.map((weight) => weight / total),
            row * classes.length,
          )
        }
        return { kind: 'classes', classes, probabilities }
      },
      compile: (builder, matrix) => {
        const means = builder.constant({ type: 'float', shape: [width, classes.length], data: sums })
        const offset = builder.constant({ type: 'float', shape: [classes.length], data: bias })
        const scores = builder.node('Add', [builder.node('MatMul', [matrix, means]), offset])
        return builder.node('Softmax', [scores], { axis: { int: 1 } })
      },
      importance: () => [],
    }
  },
})
