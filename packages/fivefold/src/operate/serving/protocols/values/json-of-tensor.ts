import { elementCount, fromHalf, type TensorLiteral } from '../../../../onnx/index.ts'

export interface JsonStyle {
  /** NaN and infinities: as Python's tokens, which are no JSON but what TensorFlow Serving writes, or as null. */
  readonly notFinite: 'token' | 'null'
}

export const PYTHON_JSON: JsonStyle = { notFinite: 'token' }
export const STRICT_JSON: JsonStyle = { notFinite: 'null' }

export type ValueWriter = (at: number) => string

/** How the elements of a tensor are written. Texts of an output named `*_bytes` become {"b64": ...}, as in TensorFlow. */
export function valueWriter(name: string, tensor: TensorLiteral, style: JsonStyle): ValueWriter {
  if (tensor.type === 'string') {
    const { data } = tensor
    return name.endsWith('_bytes') ? (at) => base64Text(data[at]!) : (at) => JSON.stringify(data[at]!)
  }
  const { type, data } = tensor
  if (type === 'float') return (at) => floatText(data[at]!, style)
  if (type === 'double') return (at) => decimalText(data[at]!, style)
  if (type === 'float16') return (at) => floatText(fromHalf(data[at]!), style)
  if (type === 'bool') return (at) => (data[at] === 0 ? 'false' : 'true')
  return (at) => String(data[at]!)
}

const base64Text = (text: string): string => `{"b64":"${Buffer.from(text, 'utf8').toString('base64')}"}`

/** Nested lists of shape `shape` from element `from` on. */
export function nestedText(write: ValueWriter, shape: readonly number[], from = 0, level = 0): string {
  if (level === shape.length) return write(from)
  const size = shape[level]!
  const step = elementCount(shape.slice(level + 1))
  const parts = new Array<string>(size)
  for (let i = 0; i < size; i++) parts[i] = nestedText(write, shape, from + i * step, level + 1)
  return `[${parts.join(',')}]`
}

/** The shortest decimal that is this single-precision number: 0.1, not 0.10000000149011612. */
function floatText(value: number, style: JsonStyle): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 24) return decimalText(value, style)
  for (let digits = 7; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return decimalText(short, style)
  }
  return decimalText(Number.isFinite(value) ? Number(value.toPrecision(9)) : value, style)
}

/** Whole numbers keep a fraction, so that readers take a list of floats for one. */
function decimalText(value: number, { notFinite }: JsonStyle): string {
  if (Number.isInteger(value))
    return Math.abs(value) < 1e21 ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value)
  if (Number.isFinite(value)) return String(value)
  return notFinite === 'token' ? String(value) : 'null'
}
