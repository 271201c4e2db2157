/** Element types of tensors that graphs here are built from. */
export type ElementType = 'float' | 'double' | 'int32' | 'int64' | 'uint8' | 'int8' | 'uint32' | 'bool' | 'string'

/** A dimension: a fixed size, or the name of one that is known only when the graph runs ('N' for rows). */
export type Dimension = number | string

/** A tensor with values, row-major. int64 values are bigints; bool is one byte an element. */
export type TensorLiteral =
  | { readonly type: 'float'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'double'; readonly shape: readonly number[]; readonly data: Float64Array }
  | { readonly type: 'int64'; readonly shape: readonly number[]; readonly data: BigInt64Array }
  | { readonly type: 'int32'; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly type: 'bool'; readonly shape: readonly number[]; readonly data: Uint8Array }
  | { readonly type: 'string'; readonly shape: readonly number[]; readonly data: readonly string[] }

/** Attribute of a node. Numbers must say whether they are ints or floats, since ONNX does. */
export type Attribute =
  | { readonly int: number | bigint }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] | Float32Array }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly tensor: TensorLiteral }

/** Name of a value inside the graph under construction. Only the builder makes them. */
export type ValueRef = string & { readonly __value: unique symbol }

export interface NodeOptions {
  /** Operator set; '' is the standard one, 'ai.onnx.ml' and 'com.microsoft' the others in use. */
  readonly domain?: '' | 'ai.onnx.ml' | 'com.microsoft'
  /** Prefix of the names of the outputs, for a readable graph. */
  readonly name?: string
}

/** Writes an ONNX graph node by node. Deterministic: the same calls give the same bytes. */
export interface GraphBuilder {
  input(name: string, type: ElementType, shape: readonly Dimension[]): ValueRef
  /** An initializer; equal literals are stored once. */
  constant(literal: TensorLiteral): ValueRef
  /** A node with one output. An absent optional input is `undefined`. */
  node(
    op: string,
    inputs: readonly (ValueRef | undefined)[],
    attributes?: Readonly<Record<string, Attribute>>,
    options?: NodeOptions,
  ): ValueRef
  /** A node with several outputs. */
  nodeWithOutputs(
    op: string,
    outputCount: number,
    inputs: readonly (ValueRef | undefined)[],
    attributes?: Readonly<Record<string, Attribute>>,
    options?: NodeOptions,
  ): ValueRef[]
  /** Declares `value` as the graph's output under `name`. */
  output(name: string, value: ValueRef, type: ElementType, shape: readonly Dimension[]): void
  /** The serialized model (ModelProto). */
  build(metadata?: Readonly<Record<string, string>>): Uint8Array
}
