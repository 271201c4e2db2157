import type { Dimension, ElementType, TensorLiteral } from '../tensor.ts'
import type { Attributes } from './attribute.ts'

/** The standard operator set is ''; the others that graphs here use have a name. */
export type OperatorDomain = '' | 'ai.onnx.ml' | 'com.microsoft'

export interface OnnxValue {
  readonly name: string
  /** `unsupported` for element types that graphs here do not use (bfloat16, complex numbers and such). */
  readonly type: ElementType | 'unsupported'
  /** Unknown sizes have a name, or ''. */
  readonly shape: readonly Dimension[]
}

/** A tensor that the model carries: a weight, or a constant. */
export interface OnnxInitializer extends OnnxValue {
  readonly shape: readonly number[]
  /**
   * The values, decoded when asked for. Throws GRAPH_UNSUPPORTED for other element types, GRAPH_INVALID where there are not as
   * many as the shape says.
   */
  read(): TensorLiteral
  /** The values as they lie in memory, where the model has them so; of other element types, too. */
  raw?(): RawTensor
}

/** Little-endian bytes of a tensor, and TensorProto.DataType of its elements. */
export interface RawTensor {
  readonly elementCode: number
  readonly bytes: Uint8Array
}

export interface OnnxNode {
  readonly name: string
  readonly op: string
  readonly domain: string
  /** An absent optional input is ''. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Attributes of kinds that graphs here do not use (subgraphs and such) are left out. */
  readonly attributes: Attributes
}

export interface OnnxGraph {
  readonly name: string
  /** Without initializers, which old exporters list as inputs too. */
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** In an order in which every value is made before it is read. */
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxInitializer[]
}

/** An ONNX model as plain data. Passes take one and give another; nothing is changed in place. */
export interface OnnxModel {
  readonly irVersion: number
  readonly producer: string
  /** Version of each operator set, by domain. */
  readonly opsets: Readonly<Record<string, number>>
  readonly graph: OnnxGraph
  readonly metadata: Readonly<Record<string, string>>
}

export const initializerOf = (name: string, literal: TensorLiteral): OnnxInitializer => ({
  name,
  type: literal.type,
  shape: literal.shape,
  read: () => literal,
})
