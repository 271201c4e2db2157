import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'
import type { LinearModel } from './model.ts'

/**
 * Adds the model to a graph: one Gemm, then Sigmoid or Softmax.
 * @param matrix float [N, F], features in the order of training
 * @returns float [N, classes] probabilities, or [N, 1] predictions
 */
export function compileLinear(model: LinearModel, builder: GraphBuilder, matrix: ValueRef): ValueRef {
  const { coefficients, intercepts } = graphWeights(model)
  const shape = [intercepts.length, model.featureNames.length]
  const weights = builder.constant({ type: 'float', shape, data: coefficients })
  const bias = builder.constant({ type: 'float', shape: [intercepts.length], data: intercepts })
  const scores = builder.node('Gemm', [matrix, weights, bias], { transB: { int: 1 } }, { name: 'linear' })
  if (model.kind === 'regression') return scores
  if (model.kind === 'binary') return builder.node('Sigmoid', [scores], {}, { name: 'probabilities' })
  return builder.node('Softmax', [scores], { axis: { int: 1 } }, { name: 'probabilities' })
}

/** Two classes become two opposite scores, so that one Sigmoid gives both probabilities without losing digits in 1 - p. */
function graphWeights({ kind, coefficients, intercepts }: LinearModel): {
  coefficients: Float32Array
  intercepts: Float32Array
} {
  if (kind !== 'binary')
    return { coefficients: Float32Array.from(coefficients), intercepts: Float32Array.from(intercepts) }
  const opposite = coefficients.map((w) => -w)
  return {
    coefficients: Float32Array.from([...opposite, ...coefficients]),
    intercepts: Float32Array.of(-intercepts[0]!, intercepts[0]!),
  }
}
