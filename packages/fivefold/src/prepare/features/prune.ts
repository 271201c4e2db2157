/** Indexes of the features to keep: those that vary and equal no earlier one. NaN equals NaN. */
export function distinctFeatures(values: readonly Float32Array[]): number[] {
  const byHash = new Map<number, number[]>()
  return [...values.keys()].filter((index) => {
    const feature = values[index]!
    if (isConstant(feature)) return false
    const hash = hashOf(feature)
    const candidates = byHash.get(hash) ?? []
    if (candidates.some((other) => isSame(values[other]!, feature))) return false
    byHash.set(hash, [...candidates, index])
    return true
  })
}

function isConstant(feature: Float32Array): boolean {
  const first = feature[0]!
  for (let i = 1; i < feature.length; i++) if (!Object.is(feature[i], first) && feature[i] !== first) return false
  return true
}

const bitsOf = (feature: Float32Array): Uint32Array =>
  new Uint32Array(feature.buffer, feature.byteOffset, feature.length)

function hashOf(feature: Float32Array): number {
  let hash = 0x811c9dc5
  for (const bits of bitsOf(feature)) hash = Math.imul(hash ^ bits, 0x01000193)
  return hash
}

function isSame(a: Float32Array, b: Float32Array): boolean {
  const bits = bitsOf(b)
  return bitsOf(a).every((value, i) => value === bits[i])
}
