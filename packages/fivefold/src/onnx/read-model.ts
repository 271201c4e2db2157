import { FivefoldError } from '../core/index.ts'
import type { Attribute, Dimension, ElementType, TensorLiteral } from './builder.ts'
import { readFields, readPackedVarints, type WireField } from './protobuf-reader.ts'
import { elementCount, elementTypeOf, isRawType, literalFromBytes } from './tensor.ts'

export interface ModelValue {
  readonly name: string
  /** `unsupported` for element types that graphs here do not use (float16 and such). */
  readonly type: ElementType | 'unsupported'
  readonly shape: readonly Dimension[]
}

export interface ModelInitializer extends ModelValue {
  readonly shape: readonly number[]
  /** Decodes the values. Throws GRAPH_UNSUPPORTED for other element types and for data outside the file. */
  read(): TensorLiteral
}

export interface ModelNode {
  readonly name: string
  readonly op: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Attributes of kinds that graphs here do not use (subgraphs and such) are left out. */
  readonly attributes: Readonly<Record<string, Attribute>>
}

export interface ModelInspection {
  readonly irVersion: number
  readonly producer: string
  readonly opsets: Readonly<Record<string, number>>
  readonly graph: {
    readonly name: string
    readonly inputs: readonly ModelValue[]
    readonly outputs: readonly ModelValue[]
    readonly nodes: readonly ModelNode[]
    readonly initializers: readonly ModelInitializer[]
  }
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * What is inside a serialized ONNX model. Graph inputs leave out initializers, which old exporters list as inputs too.
 * Throws GRAPH_INVALID where the bytes are not an ONNX model.
 */
export function readModel(bytes: Uint8Array): ModelInspection {
  const model = readFields(bytes)
  const graphBytes = bytesAt(model, 7)[0]
  if (!graphBytes) throw new FivefoldError('GRAPH_INVALID', 'not an ONNX model: it has no graph')
  const graph = readFields(graphBytes)
  const initializers = bytesAt(graph, 5).map(readInitializer)
  const initialized = new Set(initializers.map(({ name }) => name))
  return {
    irVersion: intAt(model, 1),
    producer: textAt(model, 2),
    opsets: Object.fromEntries(bytesAt(model, 8).map((b) => readOpset(readFields(b)))),
    graph: {
      name: textAt(graph, 2),
      inputs: bytesAt(graph, 11)
        .map(readValueInfo)
        .filter(({ name }) => !initialized.has(name)),
      outputs: bytesAt(graph, 12).map(readValueInfo),
      nodes: bytesAt(graph, 1).map(readNode),
      initializers,
    },
    metadata: Object.fromEntries(bytesAt(model, 14).map((b) => readEntry(readFields(b)))),
  }
}

const readOpset = (fields: WireField[]): [string, number] => [textAt(fields, 1), intAt(fields, 2)]
const readEntry = (fields: WireField[]): [string, string] => [textAt(fields, 1), textAt(fields, 2)]

function readNode(bytes: Uint8Array): ModelNode {
  const fields = readFields(bytes)
  return {
    name: textAt(fields, 3),
    op: textAt(fields, 4),
    domain: textAt(fields, 7),
    inputs: bytesAt(fields, 1).map(decode),
    outputs: bytesAt(fields, 2).map(decode),
    attributes: Object.fromEntries(bytesAt(fields, 5).flatMap(readAttribute)),
  }
}

function readAttribute(bytes: Uint8Array): [string, Attribute][] {
  const fields = readFields(bytes)
  const attribute = attributeValue(fields)
  return attribute ? [[textAt(fields, 1), attribute]] : []
}

/** By AttributeProto.type (field 20); other types give undefined. */
function attributeValue(fields: WireField[]): Attribute | undefined {
  const type = intAt(fields, 20)
  if (type === 1) return { float: floatsAt(fields, 2)[0] ?? 0 }
  if (type === 2) return { int: intsAt(fields, 3)[0] ?? 0n }
  if (type === 3) return { string: textAt(fields, 4) }
  if (type === 4) return tensorAttribute(bytesAt(fields, 5)[0])
  if (type === 6) return { floats: Float32Array.from(floatsAt(fields, 7)) }
  if (type === 7) return { ints: intsAt(fields, 8) }
  if (type === 8) return { strings: bytesAt(fields, 9).map(decode) }
  return undefined
}

function tensorAttribute(bytes: Uint8Array | undefined): Attribute | undefined {
  if (!bytes) return undefined
  const tensor = readInitializer(bytes)
  return tensor.type === 'unsupported' || tensor.type.startsWith('uint') || tensor.type === 'int8'
    ? undefined
    : { tensor: tensor.read() }
}

function readInitializer(bytes: Uint8Array): ModelInitializer {
  const fields = readFields(bytes)
  const name = textAt(fields, 8)
  const shape = intsAt(fields, 1).map(Number)
  const type = elementTypeOf(intAt(fields, 2)) ?? 'unsupported'
  return { name, type, shape, read: () => readTensor(fields, name, type, shape) }
}

function readTensor(fields: WireField[], name: string, type: string, shape: number[]): TensorLiteral {
  if (type === 'string') return { type, shape, data: bytesAt(fields, 6).map(decode) }
  if (!isRawType(type)) throw new FivefoldError('GRAPH_UNSUPPORTED', `tensor '${name}' has an unsupported element type`)
  const raw = bytesAt(fields, 9)[0]
  const literal = raw ? literalFromBytes(type, shape, raw) : typedTensor(fields, type, shape)
  if (literal.data.length === elementCount(shape)) return literal
  throw new FivefoldError('GRAPH_UNSUPPORTED', `tensor '${name}' keeps its data outside the model file`)
}

/** Values in the typed fields: float_data 4, int32_data 5 (bools too), int64_data 7, double_data 10. */
function typedTensor(fields: WireField[], type: string, shape: number[]): TensorLiteral {
  if (type === 'float') return { type, shape, data: Float32Array.from(floatsAt(fields, 4)) }
  if (type === 'double') return { type, shape, data: Float64Array.from(doublesAt(fields, 10)) }
  if (type === 'int64') return { type, shape, data: BigInt64Array.from(intsAt(fields, 7)) }
  if (type === 'int32') return { type, shape, data: Int32Array.from(intsAt(fields, 5), Number) }
  return { type: 'bool', shape, data: Uint8Array.from(intsAt(fields, 5), Number) }
}

function readValueInfo(bytes: Uint8Array): ModelValue {
  const fields = readFields(bytes)
  const type = readFields(bytesAt(fields, 2)[0] ?? new Uint8Array())
  const tensor = readFields(bytesAt(type, 1)[0] ?? new Uint8Array())
  const shape = readFields(bytesAt(tensor, 2)[0] ?? new Uint8Array())
  return {
    name: textAt(fields, 1),
    type: elementTypeOf(intAt(tensor, 1)) ?? 'unsupported',
    shape: bytesAt(shape, 1).map((b) => readDimension(readFields(b))),
  }
}

function readDimension(fields: WireField[]): Dimension {
  const size = intsAt(fields, 1)[0]
  return size === undefined ? textAt(fields, 2) : Number(size)
}

const textDecoder = new TextDecoder()
const decode = (bytes: Uint8Array): string => textDecoder.decode(bytes)

const bytesAt = (fields: WireField[], field: number): Uint8Array[] =>
  fields.flatMap((f) => (f.field === field && f.kind === 'bytes' ? [f.bytes] : []))

const textAt = (fields: WireField[], field: number): string => decode(bytesAt(fields, field)[0] ?? new Uint8Array())

const intAt = (fields: WireField[], field: number): number => Number(intsAt(fields, field)[0] ?? 0n)

/** Integers, packed or one by one. */
const intsAt = (fields: WireField[], field: number): bigint[] =>
  fields.flatMap((f) => {
    if (f.field !== field || f.kind === 'fixed') return []
    return f.kind === 'varint' ? [BigInt.asIntN(64, f.value)] : readPackedVarints(f.bytes)
  })

const fixedAt = (fields: WireField[], field: number): Uint8Array[] =>
  fields.flatMap((f) => (f.field === field && f.kind !== 'varint' ? [f.bytes] : []))

const floatsAt = (fields: WireField[], field: number): number[] =>
  fixedAt(fields, field).flatMap((b) => [...new Float32Array(copyOf(b, 4))])

const doublesAt = (fields: WireField[], field: number): number[] =>
  fixedAt(fields, field).flatMap((b) => [...new Float64Array(copyOf(b, 8))])

/** Whole elements in memory of their own: what `slice` gives of a Buffer would still be a view of larger memory. */
const copyOf = (bytes: Uint8Array, elementBytes: number): ArrayBuffer =>
  Uint8Array.from(bytes.subarray(0, bytes.length - (bytes.length % elementBytes))).buffer
