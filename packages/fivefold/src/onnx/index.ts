export type {
  Attribute,
  Dimension,
  ElementType,
  GraphBuilder,
  NodeOptions,
  TensorLiteral,
  ValueRef,
} from './builder.ts'
