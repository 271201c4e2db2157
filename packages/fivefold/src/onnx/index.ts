export type {
  Attribute,
  Dimension,
  ElementType,
  GraphBuilder,
  NodeOptions,
  TensorLiteral,
  ValueRef,
} from './builder.ts'
export { createGraphBuilder, type GraphBuilderOptions } from './graph-builder.ts'
export {
  type ModelInitializer,
  type ModelInspection,
  type ModelNode,
  type ModelValue,
  readModel,
} from './read-model.ts'
export { createSession, type OnnxSession, type SessionOptions, type SessionValue } from './session.ts'
