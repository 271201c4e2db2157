export { loggedInputName, loggedInputs } from './log-columns.ts'
export type { LogEntry } from './log-record.ts'
export { createPredictionLog, type PredictionLog, type PredictionLogOptions } from './prediction-log.ts'
export { type ReadPredictionLogOptions, readPredictionLog } from './read-prediction-log.ts'
