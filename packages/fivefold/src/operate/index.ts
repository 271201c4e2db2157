export { type BundleReference, readReference } from './bundle-reference.ts'
export * from './monitor/index.ts'
export * from './prediction-log/index.ts'
export * from './serving/index.ts'
