/**
 * Fivefold: production machine learning for TypeScript. This entry holds what most programs need; each part also has an
 * entry of its own, such as `fivefold/data` or `fivefold/boosting`.
 */
export {
  type Bundle,
  type BundleManifest,
  createPredictor,
  inputSchema,
  openBundle,
  type Predictor,
} from './bundle/index.ts'
export { createProgressDisplay } from './cli/progress.ts'
export { runSummary } from './cli/run-summary.ts'
export { type Context, createContext, type ErrorCode, FivefoldError, type Issue, version } from './core/index.ts'
export { type Frame, frameOf, openTable, type Schema, type SourceOptions, type Table } from './data/index.ts'
export {
  createDriftMonitor,
  createPredictionLog,
  type DriftReport,
  detectDrift,
  type RunningServer,
  readPredictionLog,
  readReference,
  renderDriftHtml,
  serveBundle,
} from './operate/index.ts'
export { openTrackingStore, type TrackingStore } from './track/index.ts'
export {
  boostingEstimator,
  defineEstimator,
  type Estimator,
  ftTransformerEstimator,
  linearEstimator,
  mlpEstimator,
} from './train/index.ts'
export {
  defineProject,
  evaluateBundle,
  type ProjectConfig,
  type RunOutcome,
  type RunRecord,
  runProject,
} from './workflow/index.ts'
