export type { ErrorBody } from './error-reply.ts'
export type { ServingLimits } from './inference.ts'
export { type ServeBundleOptions, serveBundle } from './serve-bundle.ts'
export { type RunningServer, type ServeOptions, serveModel } from './serve-model.ts'
export type {
  JsonScalar,
  ServedColumn,
  ServedModel,
  ServedOutput,
  ServedPredictions,
} from './served-model.ts'
