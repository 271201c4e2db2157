const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)
const SIGN = 0x8000_0000

/** The smallest float32 above a float32; Infinity and NaN stay as they are. */
export function nextFloat32(value: number): number {
  float[0] = value
  if (Number.isNaN(value) || value === Infinity) return float[0]!
  if (value === 0) bits[0] = 1
  else bits[0] = bits[0]! >= SIGN ? bits[0]! - 1 : bits[0]! + 1
  return float[0]!
}

/** The largest float32 below a float32; -Infinity and NaN stay as they are. */
export function previousFloat32(value: number): number {
  return -nextFloat32(-value)
}

/** The largest float32 that is not above a double: what `x <= value` means for a float32 x. */
export function floorFloat32(value: number): number {
  const nearest = Math.fround(value)
  return nearest > value ? previousFloat32(nearest) : nearest
}
