export { compileLinear } from './compile.ts'
export {
  type LinearCoefficient,
  type LinearModel,
  linearCoefficients,
  linearFromJson,
  linearToJson,
  predictLinear,
} from './model.ts'
export { type LinearParams, parseLinearParams } from './params.ts'
export { type LinearTrainingData, trainLinear } from './train-linear.ts'
