export { argsortDescending } from './argsort.ts'
export { BOOTSTRAP_REPLICATES, bootstrapInterval, quantileOfSorted } from './bootstrap.ts'
export { type CalibrationBin, type CalibrationCurve, calibrationCurve } from './calibration.ts'
export { type ChiSquareOptions, type ChiSquareTest, chiSquareTest } from './chi-square.ts'
export {
  compareClassification,
  comparePaired,
  compareRegression,
  mcNemarTest,
  type PairedComparison,
} from './compare.ts'
export { type ConfusionMatrix, confusionMatrix } from './confusion.ts'
export { CURVE_POINTS, type PrPoint, prCurve, type RocPoint, rocCurve } from './curves.ts'
export { type DecisionThreshold, decisionThreshold, type ThresholdMetric } from './decision-threshold.ts'
export { jensenShannonDistance, populationStabilityIndex, wassersteinDistance } from './divergence.ts'
export { intervalMethod } from './interval-method.ts'
export { clopperPearsonInterval, wilsonInterval } from './intervals.ts'
export { type KsTest, ksTest } from './kolmogorov-smirnov.ts'
export { type Linearised, linearisedMean, varianceOf } from './linearised.ts'
export {
  BOOTSTRAP_MAX_ROWS,
  CLASSIFICATION_METRICS,
  type ClassificationMetricName,
  classificationMetric,
  linearisedClassification,
  lossOfRows,
  type MeasureClassificationInput,
  measureClassification,
} from './measure-classification.ts'
export {
  linearisedRegression,
  type MeasureRegressionInput,
  measureRegression,
  REGRESSION_METRICS,
  regressionMetric,
} from './measure-regression.ts'
export { benjaminiHochberg } from './multiple-testing.ts'
export { isMetricName, METRIC_NAMES, METRICS, type MetricName, type MetricValue, type MetricValues } from './names.ts'
export { type PermutationOptions, permutationPValue } from './permutation.ts'
export { type RankedScores, rankScores } from './ranked-scores.ts'
export type { RegressionMetricName } from './regression-metrics.ts'
export {
  type ClassificationSample,
  classScores,
  predictedCodes,
  type RegressionSample,
} from './samples.ts'
export * from './sequential/index.ts'
export {
  betaQuantile,
  chiSquareSurvival,
  incompleteBeta,
  logGamma,
  normalCdf,
  normalQuantile,
  upperIncompleteGamma,
} from './special-functions.ts'
