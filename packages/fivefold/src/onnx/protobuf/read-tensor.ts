import { FivefoldError } from '../../core/index.ts'
import type { OnnxInitializer } from '../graph/model.ts'
import {
  elementBytesOf,
  elementCount,
  elementTypeOf,
  isNumericType,
  literalFromBytes,
  type NumericType,
  type TensorLiteral,
  zerosOf,
} from '../tensor.ts'
import { type ExternalReader, parseExternalPlace } from './external-data.ts'
import { bytesAt, decodeText, doublesAt, floatsAt, intAt, intsAt, textAt } from './fields.ts'
import { readFields, type WireField } from './reader.ts'

/** A TensorProto. Its values are decoded when asked for; those that lie in the file as they are in memory stay there. */
export function readTensor(bytes: Uint8Array, external: ExternalReader): OnnxInitializer {
  const fields = readFields(bytes)
  const name = textAt(fields, 8)
  const shape = intsAt(fields, 1).map(Number)
  const elementCode = intAt(fields, 2)
  const type: OnnxInitializer['type'] = elementTypeOf(elementCode) ?? 'unsupported'
  if (shape.some((size) => size < 0) || !Number.isSafeInteger(elementCount(shape)))
    throw new FivefoldError('GRAPH_INVALID', `tensor '${name}' has the impossible shape [${shape.join(', ')}]`)
  const tensor = { name, type, shape, fields }
  const read = (): TensorLiteral => valuesOf(tensor, external)
  if (type === 'string' || !liesRaw(fields)) return { name, type, shape, read }
  const raw = () => ({ elementCode, bytes: rawBytes(tensor, elementCode, external) })
  return { name, type, shape, read, raw }
}

interface Tensor {
  readonly name: string
  readonly type: OnnxInitializer['type']
  readonly shape: readonly number[]
  readonly fields: readonly WireField[]
}

const isExternal = (fields: readonly WireField[]): boolean => intAt(fields, 14) === 1

const liesRaw = (fields: readonly WireField[]): boolean => isExternal(fields) || bytesAt(fields, 9).length > 0

/** Bits of an element of the types that graphs here do not use: they can still be carried along (onnx.proto, DataType). */
const OTHER_BITS: Readonly<Record<number, number>> = {
  ...{ 14: 64, 15: 128, 16: 16 },
  ...{ 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2 },
}

function rawBytes({ name, type, shape, fields }: Tensor, elementCode: number, external: ExternalReader): Uint8Array {
  const bits = isNumericType(type) ? 8 * elementBytesOf(type) : OTHER_BITS[elementCode]
  if (bits === undefined)
    throw new FivefoldError('GRAPH_UNSUPPORTED', `tensor '${name}' has the unknown element type ${elementCode}`)
  const wanted = Math.ceil((elementCount(shape) * bits) / 8)
  const bytes = isExternal(fields) ? externalBytes(name, fields, external, wanted) : bytesAt(fields, 9)[0]!
  if (bytes.length === wanted) return bytes
  throw wrongSize(name, shape, `${wanted} bytes`, bytes.length)
}

function externalBytes(
  name: string,
  fields: readonly WireField[],
  external: ExternalReader,
  wanted: number,
): Uint8Array {
  const entries = bytesAt(fields, 13).map(readFields)
  const place = parseExternalPlace(new Map(entries.map((entry) => [textAt(entry, 1), textAt(entry, 2)])), name)
  // What is asked for is what the shape needs, whatever the file claims to hold.
  if (place.length !== undefined && place.length !== wanted)
    throw new FivefoldError(
      'GRAPH_INVALID',
      `tensor '${name}' needs ${wanted} bytes of data, its place has ${place.length}`,
    )
  return external({ ...place, length: wanted })
}

function valuesOf(tensor: Tensor, external: ExternalReader): TensorLiteral {
  const { name, type, shape, fields } = tensor
  if (type === 'unsupported')
    throw new FivefoldError('GRAPH_UNSUPPORTED', `tensor '${name}' has an unsupported element type`)
  if (type !== 'string' && liesRaw(fields)) return literalFromBytes(type, shape, rawBytes(tensor, 0, external))
  const data = type === 'string' ? bytesAt(fields, 6).map(decodeText) : typedValues(fields, type)
  if (data.length === elementCount(shape)) return { type, shape, data } as TensorLiteral
  throw wrongSize(name, shape, `${elementCount(shape)} values`, data.length)
}

const wrongSize = (name: string, shape: readonly number[], wanted: string, got: number): FivefoldError =>
  new FivefoldError('GRAPH_INVALID', `tensor '${name}' of shape [${shape.join(', ')}] needs ${wanted}, got ${got}`)

/** The typed fields: float_data 4, int32_data 5 (all small integers, float16 too), int64_data 7, double_data 10, uint64_data 11. */
function typedValues(fields: readonly WireField[], type: NumericType): TensorLiteral['data'] {
  if (type === 'float') return floatsAt(fields, 4)
  if (type === 'double') return doublesAt(fields, 10)
  if (type === 'int64') return BigInt64Array.from(intsAt(fields, 7))
  if (type === 'uint64') return BigUint64Array.from(intsAt(fields, 11))
  if (type === 'uint32') return Uint32Array.from(intsAt(fields, 11), Number)
  const values = intsAt(fields, 5)
  const { data } = zerosOf(type, [values.length])
  for (let i = 0; i < values.length; i++) data[i] = Number(values[i])
  return data
}
