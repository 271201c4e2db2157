export { type AssembledModel, assembleModel, type ModelOutput } from './assemble.ts'
export { type Baseline, fitBaseline } from './baseline.ts'
export { boostingEstimator } from './boosting-estimator.ts'
export { type CheckpointFile, checkpointFile } from './checkpoint-file.ts'
export { CROSS_VALIDATION_ROWS, defaultEstimators } from './default-estimators.ts'
export {
  defineEstimator,
  type Estimator,
  type FeatureImportance,
  type FitData,
  type FittedEstimator,
  type LabelledMatrix,
} from './estimator.ts'
export type { Fold, TrainingRows } from './fold-data.ts'
export { type HeldOut, heldOutTarget } from './held-out.ts'
export { type LeaderboardEntry, rankLeaderboard } from './leaderboard.ts'
export { linearEstimator } from './linear-estimator.ts'
export { ftTransformerEstimator, mlpEstimator } from './neural-estimator.ts'
export { chooseThreshold, scorePredictions } from './score.ts'
export {
  type CandidateCache,
  type CandidateResult,
  type TrainedModel,
  type TrainOptions,
  trainModel,
} from './train-model.ts'
