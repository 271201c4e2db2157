import type { Attribute, Dimension, ElementType, TensorLiteral } from './builder.ts'
import { ProtobufWriter } from './protobuf-writer.ts'
import { bytesOf, ELEMENT_CODES } from './tensor.ts'

/** Messages of onnx.proto (field numbers are those of the ONNX specification). */

export interface NodeRecord {
  readonly name: string
  readonly op: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

export interface ValueRecord {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly Dimension[]
}

export interface ModelRecord {
  readonly name: string
  readonly irVersion: number
  readonly opsets: readonly (readonly [domain: string, version: number])[]
  readonly inputs: readonly ValueRecord[]
  readonly outputs: readonly ValueRecord[]
  readonly nodes: readonly NodeRecord[]
  /** Element types of values inside the graph that readers could not infer; their shapes are left open. */
  readonly innerTypes: readonly (readonly [name: string, type: ElementType])[]
  readonly initializers: readonly (readonly [name: string, literal: TensorLiteral])[]
  readonly metadata: Readonly<Record<string, string>>
}

export function encodeModel(model: ModelRecord): Uint8Array {
  const proto = new ProtobufWriter().varintField(1, model.irVersion).textField(2, 'fivefold')
  proto.messageField(7, graphProto(model))
  for (const [domain, version] of model.opsets) {
    proto.messageField(8, new ProtobufWriter().textField(1, domain).varintField(2, version))
  }
  for (const [key, value] of Object.entries(model.metadata)) {
    proto.messageField(14, new ProtobufWriter().textField(1, key).textField(2, value))
  }
  return proto.finish()
}

function graphProto(model: ModelRecord): ProtobufWriter {
  const graph = new ProtobufWriter()
  for (const node of model.nodes) graph.messageField(1, nodeProto(node))
  graph.textField(2, model.name)
  for (const [name, literal] of model.initializers) graph.messageField(5, tensorProto(literal, name))
  for (const input of model.inputs) graph.messageField(11, valueInfoProto(input))
  for (const output of model.outputs) graph.messageField(12, valueInfoProto(output))
  for (const [name, type] of model.innerTypes) graph.messageField(13, valueInfoProto({ name, type }))
  return graph
}

function nodeProto(node: NodeRecord): ProtobufWriter {
  const proto = new ProtobufWriter()
  for (const input of node.inputs) proto.textField(1, input)
  for (const output of node.outputs) proto.textField(2, output)
  proto.textField(3, node.name).textField(4, node.op)
  for (const [name, attribute] of Object.entries(node.attributes)) {
    proto.messageField(5, attributeProto(name, attribute))
  }
  return node.domain === '' ? proto : proto.textField(7, node.domain)
}

/** Field 20 is AttributeProto.AttributeType: FLOAT 1, INT 2, STRING 3, TENSOR 4, FLOATS 6, INTS 7, STRINGS 8. */
function attributeProto(name: string, attribute: Attribute): ProtobufWriter {
  const proto = new ProtobufWriter().textField(1, name)
  if ('float' in attribute) return proto.floatField(2, attribute.float).varintField(20, 1)
  if ('int' in attribute) return proto.varintField(3, attribute.int).varintField(20, 2)
  if ('string' in attribute) return proto.textField(4, attribute.string).varintField(20, 3)
  if ('tensor' in attribute) return proto.messageField(5, tensorProto(attribute.tensor, '')).varintField(20, 4)
  if ('floats' in attribute) return proto.bytesField(7, floatBytes(attribute.floats)).varintField(20, 6)
  if ('ints' in attribute) return proto.packedVarintsField(8, attribute.ints).varintField(20, 7)
  for (const text of attribute.strings) proto.textField(9, text)
  return proto.varintField(20, 8)
}

function floatBytes(floats: readonly number[] | Float32Array): Uint8Array {
  const array = floats instanceof Float32Array ? floats : Float32Array.from(floats)
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function tensorProto(literal: TensorLiteral, name: string): ProtobufWriter {
  const proto = new ProtobufWriter()
    .packedVarintsField(1, literal.shape)
    .varintField(2, ELEMENT_CODES[literal.type])
    .textField(8, name)
  if (literal.type !== 'string') return proto.bytesField(9, bytesOf(literal))
  for (const text of literal.data) proto.textField(6, text)
  return proto
}

function valueInfoProto({ name, type, shape }: Omit<ValueRecord, 'shape'> & Partial<ValueRecord>): ProtobufWriter {
  const tensor = new ProtobufWriter().varintField(1, ELEMENT_CODES[type])
  if (shape) tensor.messageField(2, shapeProto(shape))
  return new ProtobufWriter().textField(1, name).messageField(2, new ProtobufWriter().messageField(1, tensor))
}

function shapeProto(sizes: readonly Dimension[]): ProtobufWriter {
  const shape = new ProtobufWriter()
  for (const size of sizes) {
    const dimension = new ProtobufWriter()
    shape.messageField(1, typeof size === 'number' ? dimension.varintField(1, size) : dimension.textField(2, size))
  }
  return shape
}
