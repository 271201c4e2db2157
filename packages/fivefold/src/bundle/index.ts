export { feedsOf } from './feeds.ts'
export { inputSchema, predictionColumns } from './frame-schemas.ts'
export {
  type BundleContent,
  type BundleInput,
  type BundleManifest,
  type BundleOutput,
  bundleManifestSchema,
} from './manifest.ts'
export { type Bundle, openBundle } from './open-bundle.ts'
export {
  checkGraph,
  createPredictor,
  type PredictionResult,
  type Predictor,
  type PredictorOptions,
  type PredictorSource,
} from './predictor.ts'
export { type BundleParts, writeBundle } from './write-bundle.ts'
