export { type ArrayField, createArrayDataset, oneHot } from './array-dataset.ts'
export type { Batch } from './batch.ts'
export {
  type Dataset,
  type DatasetSource,
  type Field,
  type FieldArray,
  type FieldType,
  type FieldValues,
  openModuleDataset,
} from './dataset.ts'
export { createLoader, type Loader, type LoaderOptions } from './loader.ts'
export { classBalancedWeights, epochOrder, type Sampling } from './sampling.ts'
export type { TransformOptions } from './transforms/transforms.ts'
