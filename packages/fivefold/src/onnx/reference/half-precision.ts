/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */

const single = new Float32Array(1)
const singleBits = new Uint32Array(single.buffer)

export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** The bits of the half nearest to `value`, ties to even. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (size >= 65520) return sign | 0x7c00
  if (size < 2 ** -14) return sign | roundHalfToEven(size * 2 ** 24)
  const exponent = exponentOf(size)
  // A fraction that rounds up to 2048 carries into the exponent by itself.
  return sign | (roundHalfToEven(size * 2 ** (10 - exponent)) + ((exponent + 14) << 10))
}

/** The power of two at or below a positive number that is normal in single precision. */
function exponentOf(size: number): number {
  single[0] = size
  const exponent = (singleBits[0]! >> 23) - 127
  return 2 ** exponent > size ? exponent - 1 : exponent
}

export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}
