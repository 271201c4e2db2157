import {
  type FtTransformerOptions,
  ftTransformerNetwork,
  type MlpOptions,
  mlpNetwork,
  predictTabular,
  type TabularModel,
  type TabularNetwork,
  type TabularParams,
  tabularSaliency,
  tabularToOnnx,
  trainTabular,
} from '../engines/neural/index.ts'
import { writeModel } from '../onnx/index.ts'
import { defineEstimator, type Estimator, type FittedEstimator } from './estimator.ts'

/** A multilayer perceptron over scaled features. */
export const mlpEstimator = (name: string, params: MlpOptions & TabularParams = {}): Estimator =>
  neuralEstimator(name, params, (features, outputs) => mlpNetwork(features, outputs, params))

/** FT-Transformer: attention between features. Some ten times slower to train than a perceptron. */
export const ftTransformerEstimator = (name: string, params: FtTransformerOptions & TabularParams = {}): Estimator =>
  neuralEstimator(name, params, (features, outputs) => ftTransformerNetwork(features, outputs, params))

function neuralEstimator(
  name: string,
  params: TabularParams,
  build: (features: number, outputs: number) => TabularNetwork,
): Estimator {
  return defineEstimator({
    name,
    tasks: ['classification', 'regression'],
    features: 'linear',
    async fit(data, context) {
      const model = await trainTabular(build, data, params, context)
      return fittedNeural(name, params, model, await tabularSaliency(model, data.features))
    },
    withRounds: (epochs) => neuralEstimator(name, { ...params, epochs }, build),
  })
}

function fittedNeural(name: string, params: TabularParams, model: TabularModel, shares: Float64Array): FittedEstimator {
  return {
    estimator: name,
    params: { ...params },
    rounds: model.epochs,
    predict: (features) => predictTabular(model, features),
    compile: (builder, matrix) => writeModel(builder, tabularToOnnx(model), { features: matrix }).prediction!,
    importance: () => model.featureNames.map((feature, i) => ({ name: feature, share: shares[i]! })),
  }
}
