export { BUILT_IN_TRANSFORMS } from './built-in.ts'
export { fitFeatures } from './fit.ts'
export type { FittedFeatures } from './fitted-features.ts'
export { fittedFeaturesFromJson } from './fitted-json.ts'
export {
  type ColumnStatistics,
  type FeatureOverrides,
  type FeaturePlan,
  featurePlanSchema,
  frameStatistics,
  type ModelFamily,
  type PlannedColumn,
  type PlanOptions,
  planFeatures,
} from './plan.ts'
export { type ShadowSelection, type ShadowSelectionOptions, shadowSelection } from './shadow-selection.ts'
export { CALENDAR_PARTS, type CalendarPart, type FeatureStep, featureStepSchema } from './step.ts'
export {
  defineTransform,
  type FittedTransform,
  type Transform,
  type TransformDefinition,
  type TransformFitInput,
  type TransformGraphInput,
} from './transform.ts'
