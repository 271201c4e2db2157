import { FivefoldError } from '../../../../core/index.ts'
import {
  type ElementType,
  elementCount,
  literalFromBytes,
  type NumericType,
  ProtobufWriter,
  type TensorLiteral,
  zerosOf,
} from '../../../../onnx/index.ts'
import { writeBinaryTensor } from '../open-inference/binary-tensors.ts'
import { decodeUtf8, MessageReader } from './message-reader.ts'

/** Fields of InferTensorContents; half precision has none. */
const FIELDS: Readonly<Record<Exclude<ElementType, 'float16'>, number>> = {
  bool: 1,
  ...{ int8: 2, int16: 2, int32: 2 },
  int64: 3,
  ...{ uint8: 4, uint16: 4, uint32: 4 },
  uint64: 5,
  float: 6,
  double: 7,
  string: 8,
}
const LAST_FIELD = 8

type Shape = readonly number[]

/**
 * A tensor from an InferTensorContents message, in the field of its datatype; other fields are refused.
 *
 * @throws REQUEST_INVALID where the elements do not fill the shape, or one is beyond its datatype
 */
export function readContents(bytes: Buffer, type: ElementType, shape: Shape, name: string): TensorLiteral {
  if (type === 'float16') throw invalid(name, 'FP16 is taken in raw_input_contents only')
  if (type === 'string') return { type, shape, data: readTexts(bytes, elementCount(shape), name) }
  // An element takes one byte at least: no memory is taken on the word of the shape.
  if (elementCount(shape) > bytes.length) throw miscounted(name, shape)
  return type === 'float' || type === 'double'
    ? readFixed(bytes, type, shape, name)
    : readVarints(bytes, type, shape, name)
}

function readTexts(bytes: Buffer, count: number, name: string): string[] {
  const texts: string[] = []
  eachField(bytes, FIELDS.string, name, (reader) => {
    if (texts.push(decodeUtf8(reader.bytes())) > count) throw miscounted(name, [count])
  })
  if (texts.length !== count) throw miscounted(name, [count])
  return texts
}

function readFixed(bytes: Buffer, type: 'float' | 'double', shape: Shape, name: string): TensorLiteral {
  const width = type === 'float' ? 4 : 8
  const whole = new Uint8Array(elementCount(shape) * width)
  let at = 0
  eachField(bytes, FIELDS[type], name, (reader) => {
    const part = reader.fixed(width)
    if (at + part.length > whole.length) throw miscounted(name, shape)
    whole.set(part, at)
    at += part.length
  })
  if (at !== whole.length) throw miscounted(name, shape)
  return literalFromBytes(type, shape, whole)
}

type VarintType = Exclude<NumericType, 'float16' | 'float' | 'double'>

function readVarints(bytes: Buffer, type: VarintType, shape: Shape, name: string): TensorLiteral {
  const tensor = zerosOf(type, shape)
  const put = putInto(tensor)
  const count = tensor.data.length
  let at = 0
  eachField(bytes, FIELDS[type], name, (reader) =>
    reader.varints((low, high) => {
      if (at === count) throw miscounted(name, shape)
      if (!put(at++, low, high)) throw invalid(name, `element ${at - 1} is beyond ${type}`)
    }),
  )
  if (at !== count) throw miscounted(name, shape)
  return tensor
}

/** Stores an element given in halves; false where it does not fit. */
type Put = (at: number, low: number, high: number) => boolean

function putInto({ type, data }: ReturnType<typeof zerosOf>): Put {
  if (type === 'int64' || type === 'uint64') return putHalves(data)
  const isSigned = type.startsWith('int')
  return (at, low, high) => {
    // Signed numbers come extended to 64 bits. What does not fit its width changes as it is stored, and shows.
    const value = isSigned ? low | 0 : low
    data[at] = value
    const isExtended = isSigned && value < 0 ? high === 0xffffffff : high === 0
    return data[at] === value && isExtended && !(type === 'bool' && value > 1)
  }
}

function putHalves(data: BigInt64Array | BigUint64Array): Put {
  const halves = new Uint32Array(data.buffer)
  return (at, low, high) => {
    halves[2 * at] = low
    halves[2 * at + 1] = high
    return true
  }
}

function eachField(bytes: Buffer, wanted: number, name: string, take: (reader: MessageReader) => void): void {
  const reader = new MessageReader(bytes)
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === wanted) take(reader)
    else if (field <= LAST_FIELD) throw invalid(name, 'contents are in the field of another datatype')
    else reader.skip()
  }
}

/** The tensor as an InferTensorContents message; undefined for half precision, which has no field there. */
export function writeContents(tensor: TensorLiteral): ProtobufWriter | undefined {
  const contents = new ProtobufWriter()
  const { type } = tensor
  if (type === 'float16') return undefined
  if (type === 'float' || type === 'double') return contents.bytesField(FIELDS[type], writeBinaryTensor(tensor))
  if (type !== 'string') return contents.packedVarintsField(FIELDS[type], tensor.data)
  for (const text of tensor.data) contents.textField(FIELDS.string, text)
  return contents
}

const miscounted = (name: string, shape: Shape): FivefoldError =>
  invalid(name, `contents do not fill the shape [${shape}]`)

const invalid = (name: string, message: string): FivefoldError =>
  new FivefoldError('REQUEST_INVALID', `input '${name}': ${message}`)
