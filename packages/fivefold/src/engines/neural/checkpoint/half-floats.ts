import { FivefoldError } from '../../../core/index.ts'
import type { SafeTensor } from './safe-tensor.ts'

// A float and its bits, to look at either.
const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/**
 * The values of a floating-point tensor in single precision: F32 without a copy, F64 rounded, halves exactly.
 * @throws MODEL_UNSUPPORTED for whole numbers and truth values
 */
export function floatsOf(tensor: SafeTensor): Float32Array {
  switch (tensor.type) {
    case 'F32':
      return tensor.data
    case 'F64':
      return Float32Array.from(tensor.data)
    case 'F16':
      return Float32Array.from(tensor.data, halfToFloat)
    case 'BF16':
      return Float32Array.from(tensor.data, bfloatToFloat)
    default:
      throw new FivefoldError('MODEL_UNSUPPORTED', `a tensor of ${tensor.type} does not hold floating-point numbers`)
  }
}

/** Values rounded to the nearest half, ties to even; what is too large becomes infinite. */
export function toHalves(type: 'F16' | 'BF16', values: Float32Array): Uint16Array {
  return Uint16Array.from(values, type === 'F16' ? floatToHalf : floatToBfloat)
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

function floatToHalf(value: number): number {
  float[0] = value
  const sign = (bits[0]! >>> 16) & 0x8000
  const magnitude = Math.abs(value)
  if (Number.isNaN(value)) return 0x7e00
  // Halfway between the largest half and what would follow it.
  if (magnitude >= 65_520) return sign | 0x7c00
  // Below the smallest normal half the spacing is fixed; counted in it, halves are whole numbers.
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24)
  const exponent = ((bits[0]! >>> 23) & 255) - 127
  // A fraction that rounds up to 2 carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + roundToEven((magnitude / 2 ** exponent - 1) * 1024))
}

function roundToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1
  return below + (below & 1)
}

/** The upper half of a single float. */
function bfloatToFloat(half: number): number {
  bits[0] = half << 16
  return float[0]!
}

function floatToBfloat(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0
  float[0] = value
  const word = bits[0]!
  return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
}
