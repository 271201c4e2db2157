export { type ExportRunOptions, exportRun } from './console/export-run.ts'
export { type RunningTrackingServer, type ServeTrackingOptions, serveTracking } from './serve-tracking.ts'
