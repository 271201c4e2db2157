export {
  type AdamDefinition,
  type AdamwDefinition,
  adam,
  adamw,
  type LionDefinition,
  lion,
  type OptimizerDefinition,
  type SgdDefinition,
  sgd,
  stateSlotsOf,
} from './definitions.ts'
export { createGradientAccumulator, type GradientAccumulator } from './gradient-accumulation.ts'
export { clipFactor, createOptimizer, type GradientSlot, type Optimizer } from './optimizer.ts'
export type { OptimizerState } from './optimizer-state.ts'
export {
  type ParameterGroup,
  type ParameterMatch,
  type ParameterSetting,
  resolveGroups,
  withoutDecay,
} from './parameter-groups.ts'
export {
  createParameterMemory,
  layOutParameters,
  type ParameterMemory,
  type ParameterSpec,
  type Slot,
} from './parameter-memory.ts'
export { type AveragingDefinition, createWeightAverage, type WeightAverage } from './weight-averaging.ts'
