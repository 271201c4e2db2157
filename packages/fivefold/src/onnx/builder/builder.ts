import type { Attributes } from '../graph/attribute.ts'
import type { OperatorDomain } from '../graph/model.ts'
import type { Dimension, ElementType, TensorLiteral } from '../tensor.ts'

/** Name of a value inside the graph under construction. Only the builder makes them. */
export type ValueRef = string & { readonly __value: unique symbol }

export interface NodeOptions {
  /** Operator set; '' is the standard one, 'ai.onnx.ml' and 'com.microsoft' the others in use. */
  readonly domain?: OperatorDomain
  /** Prefix of the names of the outputs, for a readable graph. */
  readonly name?: string
}

/** Writes an ONNX graph node by node. Deterministic: the same calls give the same bytes. */
export interface GraphBuilder {
  input(name: string, type: ElementType, shape: readonly Dimension[]): ValueRef
  /** An initializer; equal literals are stored once. */
  constant(literal: TensorLiteral): ValueRef
  /** A node with one output. An absent optional input is `undefined`. */
  node(op: string, inputs: readonly (ValueRef | undefined)[], attributes?: Attributes, options?: NodeOptions): ValueRef
  /** A node with several outputs. */
  nodeWithOutputs(
    op: string,
    outputCount: number,
    inputs: readonly (ValueRef | undefined)[],
    attributes?: Attributes,
    options?: NodeOptions,
  ): ValueRef[]
  /** Declares `value` as the graph's output under `name`. */
  output(name: string, value: ValueRef, type: ElementType, shape: readonly Dimension[]): void
  /** The serialized model (ModelProto). */
  build(metadata?: Readonly<Record<string, string>>): Uint8Array
}
