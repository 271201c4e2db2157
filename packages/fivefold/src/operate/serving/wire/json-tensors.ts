import { FivefoldError } from '../../../core/index.ts'
import {
  type ElementType,
  elementCount,
  fromHalf,
  type NumericType,
  type TensorLiteral,
  toHalf,
  zerosOf,
} from '../../../onnx/index.ts'

/** What a message calls the tensor: "input 'x'". */
type Place = string

/**
 * A tensor from JSON values, flat or nested exactly as the shape says. null is a missing float (NaN) or text (''). Numbers
 * go straight into typed memory.
 *
 * @param most elements that the text can hold at all: a shape that claims more never gets memory
 * @throws REQUEST_INVALID
 */
export function tensorOfJson(
  type: ElementType,
  shape: readonly number[],
  data: unknown,
  most: number,
  place: Place,
): TensorLiteral {
  const count = elementCount(shape)
  if (!Array.isArray(data) || count > most) throw unfilled(place, shape)
  if (type === 'string') return { type, shape, data: textsOf(data, shape, place) }
  const tensor = zerosOf(type, shape)
  const isFlat = !Array.isArray(data[0]) || shape.length < 2
  if (isFlat) {
    if (data.length !== count) throw unfilled(place, shape)
    FILLERS[type](tensor.data as never, data, 0, place)
  } else fillNested(tensor, data, place)
  return tensor
}

function fillNested(tensor: Exclude<TensorLiteral, { type: 'string' }>, data: unknown[], place: Place): void {
  const { shape, type } = tensor
  const fill = FILLERS[type] as Filler<unknown>
  let at = 0
  const visit = (part: unknown, axis: number): void => {
    if (!Array.isArray(part) || part.length !== shape[axis]) throw unfilled(place, shape)
    if (axis + 1 < shape.length) for (const inner of part) visit(inner, axis + 1)
    else {
      fill(tensor.data, part, at, place)
      at += part.length
    }
  }
  visit(data, 0)
}

type Filler<Into> = (into: Into, values: readonly unknown[], at: number, place: Place) => void

const FILLERS: { readonly [Type in NumericType]: Filler<Extract<TensorLiteral, { type: Type }>['data']> } = {
  float: fillFloats,
  double: fillFloats,
  float16: (into, values, at, place) => {
    const numbers = new Float64Array(values.length)
    fillFloats(numbers, values, 0, place)
    for (let i = 0; i < values.length; i++) into[at + i] = toHalf(numbers[i]!)
  },
  int64: fillBigints('INT64', -(2n ** 63n), 2n ** 63n - 1n),
  uint64: fillBigints('UINT64', 0n, 2n ** 64n - 1n),
  int32: fillIntegers('INT32', -(2 ** 31), 2 ** 31 - 1),
  uint32: fillIntegers('UINT32', 0, 2 ** 32 - 1),
  int16: fillIntegers('INT16', -(2 ** 15), 2 ** 15 - 1),
  uint16: fillIntegers('UINT16', 0, 2 ** 16 - 1),
  int8: fillIntegers('INT8', -128, 127),
  uint8: fillIntegers('UINT8', 0, 255),
  bool: (into, values, at, place) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (value !== true && value !== false && value !== 1 && value !== 0) throw wrong(place, at + i, 'BOOL')
      into[at + i] = Number(value)
    }
  },
}

function fillFloats(into: Float32Array | Float64Array, values: readonly unknown[], at: number, place: Place): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value === 'number') into[at + i] = value
    else if (value === null) into[at + i] = Number.NaN
    else if (typeof value === 'bigint') into[at + i] = Number(value)
    else throw wrong(place, at + i, 'floating-point numbers')
  }
}

function fillIntegers(type: string, min: number, max: number): Filler<{ [index: number]: number }> {
  return (into, values, at, place) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
        throw wrong(place, at + i, type)
      into[at + i] = value
    }
  }
}

function fillBigints(type: string, min: bigint, max: bigint): Filler<{ [index: number]: bigint }> {
  return (into, values, at, place) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
      const whole = isWhole ? BigInt(value) : undefined
      if (whole === undefined || whole < min || whole > max) throw wrong(place, at + i, type)
      into[at + i] = whole
    }
  }
}

function textsOf(data: unknown[], shape: readonly number[], place: Place): string[] {
  const isFlat = !Array.isArray(data[0]) || shape.length < 2
  const flat = isFlat ? data : flattened(data, shape, place)
  if (flat.length !== elementCount(shape)) throw unfilled(place, shape)
  return flat.map((value, i) => {
    if (typeof value === 'string') return value
    if (value === null) return ''
    throw wrong(place, i, 'BYTES')
  })
}

function flattened(data: unknown, shape: readonly number[], place: Place): unknown[] {
  const [size, ...inner] = shape
  if (!Array.isArray(data) || data.length !== size) throw unfilled(place, shape)
  return inner.length === 0 ? data : data.flatMap((part) => flattened(part, inner, place))
}

const unfilled = (place: Place, shape: readonly number[]): FivefoldError =>
  new FivefoldError('REQUEST_INVALID', `${place}: data does not fill the shape [${shape}]`)

const wrong = (place: Place, element: number, type: string): FivefoldError =>
  new FivefoldError('REQUEST_INVALID', `${place}: element ${element} is not a value of ${type}`)

/** The shape of nested arrays, told by the first element of each. */
export function shapeOfJson(data: unknown): number[] {
  const shape: number[] = []
  for (let part = data; Array.isArray(part); part = part[0]) shape.push(part.length)
  return shape
}

/** The elements as one flat JSON array. Numbers that are not finite are null; integers of 64 bits keep every digit. */
export function jsonOfElements(tensor: TensorLiteral): string {
  if (tensor.type === 'string') return JSON.stringify(tensor.data)
  if (tensor.type === 'bool') return `[${Array.from(tensor.data, (value) => value !== 0).join()}]`
  if (tensor.type === 'float16') return jsonOfFloats(Float64Array.from(tensor.data, fromHalf))
  if (tensor.type === 'float' || tensor.type === 'double') return jsonOfFloats(tensor.data)
  return `[${tensor.data.join()}]`
}

function jsonOfFloats(values: Float32Array | Float64Array): string {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return JSON.stringify(Array.from(values))
  return `[${values.join()}]`
}
