export { checkCriteria } from './criteria.ts'
export { type EvaluateInput, evaluatePredictions } from './evaluate-predictions.ts'
export type {
  ClassCurves,
  ClassificationDetail,
  ClassificationError,
  ClassResult,
  CriterionResult,
  Evaluation,
  GroupGap,
  GroupMeasure,
  GroupResult,
  PredictedBin,
  ProtectedGroups,
  Protocol,
  RegressionDetail,
  RegressionError,
  Slice,
  SliceCondition,
  SliceSearch,
  Verdict,
} from './evaluation.ts'
export { formatMetric } from './format-metric.ts'
export { type LabelIssue, type LabelIssues, labelIssues } from './label-issues.ts'
export {
  type BatchPrediction,
  type Latency,
  type LatencyOptions,
  type LatencySummary,
  measureLatency,
} from './measure-latency.ts'
export { modelCard } from './model-card.ts'
export type { ModelCardInput } from './model-card-input.ts'
export {
  type ColumnImportance,
  type PermutationImportance,
  type PermutationImportanceInput,
  permutationImportance,
} from './permutation-importance.ts'
export { renderEvaluationHtml } from './report-html.ts'
export type { ReportExtras } from './report-input.ts'
export { type RowName, type RowNames, rowNamesOf } from './row-names.ts'
export { type ColumnSummary, summarizeColumns } from './summarize-columns.ts'
