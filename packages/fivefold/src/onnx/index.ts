export { writeGradients } from './autodiff/backward.ts'
export {
  type BatchStatistics,
  type DifferentiatedModel,
  type DifferentiateOptions,
  differentiate,
} from './autodiff/differentiate.ts'
export { dropoutMask } from './autodiff/dropout-mask.ts'
export { type BatchMoments, type TrainingFormOptions, toTrainingForm } from './autodiff/training-form.ts'
export type { GraphBuilder, NodeOptions, ValueRef } from './builder/builder.ts'
export { createGraphBuilder, type GraphBuilderOptions } from './builder/graph-builder.ts'
export { writeModel } from './builder/write-model.ts'
export type { Attribute, Attributes } from './graph/attribute.ts'
export {
  type ImportedModel,
  type ImportOptions,
  importModel,
  type PlacedModel,
  placeModel,
  type WeightRole,
} from './graph/import-model.ts'
export type {
  OnnxGraph,
  OnnxInitializer,
  OnnxModel,
  OnnxNode,
  OnnxValue,
  OperatorDomain,
  RawTensor,
} from './graph/model.ts'
export { createOperations, type Operations } from './graph/operations.ts'
export { createTypedGraph, type TypedGraph, type TypedGraphOptions } from './graph/typed-graph.ts'
export { fixedShape, type TypedNode, type TypedValue } from './graph/typed-value.ts'
export { verifyModel } from './graph/verify-model.ts'
export { OPERATORS, type OperatorName } from './operators/catalogue.ts'
export { type CastOptions, castModel } from './passes/cast-model.ts'
export { foldConstants } from './passes/fold-constants.ts'
export { fuseForInference } from './passes/fuse-for-inference.ts'
export { removeDeadCode } from './passes/remove-dead-code.ts'
export { upgradeOpset } from './passes/upgrade-opset.ts'
export { readModelFile, type WriteOptions, writeModelFile } from './protobuf/model-file.ts'
export { encodeModel } from './protobuf/model-proto.ts'
export { type ReadOptions, readModel } from './protobuf/read-model.ts'
export { ProtobufWriter } from './protobuf/writer.ts'
export { createReferenceEvaluator, type ReferenceEvaluator } from './reference/evaluator.ts'
export { fromHalf, toHalf } from './reference/half-precision.ts'
export { type BoundSession, createBoundSession } from './session/bound-session.ts'
export { type ExecutionProvider, knownProviders } from './session/providers.ts'
export type { SessionOptions } from './session/runtime.ts'
export { createSession, elementTypeOfValue, type OnnxSession, type SessionValue } from './session/session.ts'
export { createWorkerSession, type WorkerRunOptions, type WorkerSession } from './session/worker-session.ts'
export {
  type Dimension,
  type ElementType,
  elementCount,
  floats,
  int64s,
  literalFromBytes,
  type NumericTensor,
  type NumericType,
  type TensorLiteral,
  type TensorOf,
  zerosOf,
} from './tensor.ts'
