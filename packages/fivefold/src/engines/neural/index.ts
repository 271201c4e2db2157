/** Neural networks: layers as functions, gradients written into the ONNX graph, training on the runtime that serves. */
export {
  type Checkpoint,
  type CheckpointTensor,
  decodeCheckpoint,
  encodeCheckpoint,
  floatsOf,
  type HistoryEntry,
  readSafetensors,
  type SafeTensor,
  type SafeTensorType,
  type Safetensors,
  toHalves,
  writeSafetensors,
} from './checkpoint/index.ts'
export {
  type ArrayField,
  type Batch as LoadedBatch,
  classBalancedWeights,
  createArrayDataset,
  createLoader,
  type Dataset,
  type DatasetSource,
  epochOrder,
  type Field,
  type FieldArray,
  type FieldType,
  type FieldValues,
  type Loader,
  type LoaderOptions,
  oneHot,
  openModuleDataset,
  type Sampling,
  type TransformOptions,
} from './data/index.ts'
export { type Activation, activation, gatedLinearUnit, prelu, softmax } from './layers/activation.ts'
export { type AttentionOptions, multiHeadAttention } from './layers/attention.ts'
export { type BatchNormOptions, batchNorm } from './layers/batch-norm.ts'
export { concatenate, reshape, residual, sequential } from './layers/composition.ts'
export {
  type ConvolutionOptions,
  conv1d,
  conv2d,
  type DepthwiseOptions,
  depthwiseConv2d,
} from './layers/convolution.ts'
export { type DenseOptions, dense, flatten } from './layers/dense.ts'
export { type DropoutOptions, dropout } from './layers/dropout.ts'
export { type EmbeddingOptions, embedding } from './layers/embedding.ts'
export { isLoraParameter, type LoraDenseOptions, loraDense, mergeLora } from './layers/lora.ts'
export {
  type GroupNormOptions,
  groupNorm,
  type InstanceNormOptions,
  instanceNorm,
  type LayerNormOptions,
  layerNorm,
  type RmsNormOptions,
  rmsNorm,
} from './layers/normalization.ts'
export {
  type AveragePoolOptions,
  averagePool1d,
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  meanOverSteps,
} from './layers/pooling.ts'
export { type LearnedPositionsOptions, learnedPositions, sinusoidalPositions } from './layers/positional-encoding.ts'
export { gru } from './layers/recurrent/gru.ts'
export { lstm } from './layers/recurrent/lstm.ts'
export type { RecurrentOptions, RecurrentResult } from './layers/recurrent/recurrent-stack.ts'
export type { Padding, PerAxis, WindowOptions } from './layers/spatial-options.ts'
export {
  type DecoderOptions,
  type TransformerOptions,
  transformerDecoderLayer,
  transformerEncoderLayer,
} from './layers/transformer.ts'
export {
  convTranspose1d,
  convTranspose2d,
  type TransposedConvolutionOptions,
} from './layers/transposed-convolution.ts'
export { type BinaryCrossEntropyOptions, binaryCrossEntropy } from './losses/binary-cross-entropy.ts'
export { type LossTerm, sumOfLosses } from './losses/combined.ts'
export { type ConnectionistTemporalOptions, connectionistTemporal } from './losses/connectionist-temporal.ts'
export { type BatchContrastOptions, pairContrast, viewContrast } from './losses/contrastive.ts'
export { type CrossEntropyOptions, crossEntropy } from './losses/cross-entropy.ts'
export {
  type PairwiseContrastiveOptions,
  pairwiseContrastive,
  type TripletOptions,
  triplet,
} from './losses/distance.ts'
export { type DistillationOptions, distillation } from './losses/distillation.ts'
export {
  type HuberOptions,
  huber,
  meanAbsolute,
  meanSquared,
  type QuantileOptions,
  quantile,
  type RegressionLossOptions,
} from './losses/regression.ts'
export {
  compileEvaluation,
  compileTraining,
  type InferenceOptions,
  initializeNetwork,
  type Loss,
  networkToOnnx,
  type Program,
  type ProgramOptions,
} from './network/compile.ts'
export {
  constantFill,
  type Fan,
  fanInUniform,
  glorotUniform,
  heNormal,
  type Initializer,
  normal,
  ones,
  orthogonal,
  truncatedNormal,
  uniform,
  zeros,
} from './network/initializer.ts'
export { defineNetwork, type NamedValues, type Network, type TensorSpec, tensor } from './network/network.ts'
export { type NetworkFromOnnxOptions, networkFromOnnx } from './network/network-from-onnx.ts'
export type { Scope } from './network/scope.ts'
export type { Weights } from './network/weights.ts'
export {
  type AdamDefinition,
  type AdamwDefinition,
  type AveragingDefinition,
  adam,
  adamw,
  type LionDefinition,
  lion,
  type OptimizerDefinition,
  type ParameterGroup,
  type ParameterMatch,
  resolveGroups,
  type SgdDefinition,
  sgd,
  withoutDecay,
} from './optimizer/index.ts'
export {
  definePlateau,
  defineSchedule,
  type Plateau,
  type Schedule,
  type ScheduleOptions,
  warmUp,
} from './schedule/index.ts'
export { type Autoencoder, type AutoencoderParams, trainAutoencoder } from './tabular/autoencoder.ts'
export {
  predictTabular,
  type TabularData,
  type TabularModel,
  type TabularParams,
  tabularSaliency,
  tabularToOnnx,
  trainTabular,
} from './tabular/tabular-model.ts'
export {
  type FtTransformerOptions,
  ftTransformerNetwork,
  type MlpOptions,
  mlpNetwork,
  type TabularNetwork,
} from './tabular/tabular-network.ts'
export { accuracy } from './training/epoch-metrics.ts'
export { type TrainedNetwork, trainNetwork } from './training/train-network.ts'
export { createTrainer, type Trainer, type TrainerOptions } from './training/trainer.ts'
export type {
  BatchSource,
  CheckpointOptions,
  EarlyStopping,
  EpochMetric,
  OptimizationOptions,
  TrainingOptions,
} from './training/training-options.ts'
export type {
  Batch,
  EvaluateOptions,
  PlannedProgram,
  StepOutcome,
  StepRequest,
  TrainerState,
  TrainingPlan,
  Update,
} from './training/training-plan.ts'
