import { FivefoldError } from '../../core/index.ts'
import type { Attribute } from '../graph/attribute.ts'
import type { OnnxGraph, OnnxInitializer, OnnxModel, OnnxNode, OnnxValue } from '../graph/model.ts'
import { type Dimension, ELEMENT_CODES, type ElementType } from '../tensor.ts'
import { initializerProto, tensorProto } from './tensor-proto.ts'
import { ProtobufWriter } from './writer.ts'

/** Messages of onnx.proto (field numbers are those of the ONNX specification). */

/**
 * The serialized model. `innerTypes` are element types of values inside the graph that readers could not infer; their shapes
 * are left open. Throws GRAPH_UNSUPPORTED where an input, output or weight has a type that is not supported.
 */
export function encodeModel(model: OnnxModel, innerTypes: InnerTypes = []): Uint8Array {
  return modelProto(model, innerTypes, initializerProto).finish()
}

type InnerTypes = readonly (readonly [name: string, type: ElementType])[]

/** The message before its parts are joined; `writeWeight` says how weights are written. */
export function modelProto(
  model: OnnxModel,
  innerTypes: InnerTypes,
  writeWeight: (weight: OnnxInitializer) => ProtobufWriter,
): ProtobufWriter {
  const proto = new ProtobufWriter().varintField(1, model.irVersion).textField(2, model.producer)
  proto.messageField(7, graphProto(model.graph, innerTypes, writeWeight))
  for (const [domain, version] of Object.entries(model.opsets)) {
    proto.messageField(8, new ProtobufWriter().textField(1, domain).varintField(2, version))
  }
  for (const [key, value] of Object.entries(model.metadata)) {
    proto.messageField(14, new ProtobufWriter().textField(1, key).textField(2, value))
  }
  return proto
}

function graphProto(
  graph: OnnxGraph,
  innerTypes: InnerTypes,
  writeWeight: (weight: OnnxInitializer) => ProtobufWriter,
): ProtobufWriter {
  const proto = new ProtobufWriter()
  for (const node of graph.nodes) proto.messageField(1, nodeProto(node))
  proto.textField(2, graph.name)
  for (const initializer of graph.initializers) proto.messageField(5, writeWeight(initializer))
  for (const input of graph.inputs) proto.messageField(11, valueInfoProto(input))
  for (const output of graph.outputs) proto.messageField(12, valueInfoProto(output))
  for (const [name, type] of innerTypes) proto.messageField(13, valueInfoProto({ name, type }))
  return proto
}

function nodeProto(node: OnnxNode): ProtobufWriter {
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

function valueInfoProto({ name, type, shape }: Omit<OnnxValue, 'shape'> & Partial<OnnxValue>): ProtobufWriter {
  if (type === 'unsupported')
    throw new FivefoldError('GRAPH_UNSUPPORTED', `'${name}' has an element type that is not supported`)
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
