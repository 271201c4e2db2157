export { type DetectDriftInput, detectDrift } from './detect-drift.ts'
export {
  createDriftMonitor,
  type DriftBatch,
  type DriftMonitor,
  type DriftMonitorOptions,
  type WindowReport,
} from './drift-monitor.ts'
export type {
  ColumnDrift,
  DriftAspect,
  DriftDistances,
  DriftHistogram,
  DriftMethod,
  DriftReport,
  DriftTest,
  EffectUnit,
  PerformanceDrift,
} from './drift-report.ts'
export { renderDriftHtml } from './render-drift.ts'
