export {
  type Attributions,
  type ExplainOptions,
  explainBoosting,
  explainInteractions,
  type Interactions,
} from './explain/explain-boosting.ts'
export {
  type AttributionImportance,
  attributionImportance,
  type FeatureImportance,
  featureImportance,
} from './explain/importance.ts'
export {
  type PartialDependence,
  type PartialDependenceOptions,
  partialDependence,
} from './explain/partial-dependence.ts'
export { type Contribution, type RowExplanation, topContributions } from './explain/top-contributions.ts'
export { boostingModelFromCatboost } from './interchange/catboost/read-catboost.ts'
export { boostingModelFromLightgbm } from './interchange/lightgbm/read-lightgbm.ts'
export { boostingModelToLightgbm } from './interchange/lightgbm/write-lightgbm.ts'
export { compileBoosting } from './interchange/onnx/compile-onnx.ts'
export { boostingModelFromOnnx } from './interchange/onnx/read-onnx.ts'
export { boostingModelFromXgboost } from './interchange/xgboost/read-xgboost.ts'
export { boostingModelToXgboost } from './interchange/xgboost/write-xgboost.ts'
export type { BoostingModel, LossHistory } from './model/model.ts'
export { type BoostingModelJson, boostingModelFromJson, boostingModelToJson } from './model/model-json.ts'
export type { BoostingParams } from './parameters.ts'
export { predictBoosting } from './predictor/predict.ts'
export { createRowScorer } from './predictor/row-scorer.ts'
export type { CallerFunctions, CustomMetric, CustomObjective } from './training/caller-functions.ts'
export { type BoostingCrossValidation, crossValidateBoosting } from './training/cross-validate.ts'
export type { LabelledRows, TrainingData } from './training/labelled-rows.ts'
export { refitBoosting } from './training/refit-boosting.ts'
export { trainBoosting } from './training/train-boosting.ts'
