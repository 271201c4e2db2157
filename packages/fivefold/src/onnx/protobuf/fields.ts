import { readPackedVarints, type WireField } from './reader.ts'

/** Values of one field of a message; a field that comes several times is a list, in protobuf. */

export const bytesAt = (fields: readonly WireField[], field: number): Uint8Array[] =>
  fields.flatMap((f) => (f.field === field && f.kind === 'bytes' ? [f.bytes] : []))

export const textAt = (fields: readonly WireField[], field: number): string =>
  decodeText(bytesAt(fields, field)[0] ?? new Uint8Array())

export const intAt = (fields: readonly WireField[], field: number): number => Number(intsAt(fields, field)[0] ?? 0n)

/** Integers, packed or one by one. */
export const intsAt = (fields: readonly WireField[], field: number): bigint[] => {
  const ints: bigint[] = []
  for (const f of fields) {
    if (f.field !== field || f.kind === 'fixed') continue
    if (f.kind === 'varint') ints.push(BigInt.asIntN(64, f.value))
    else for (const value of readPackedVarints(f.bytes)) ints.push(value)
  }
  return ints
}

/** Floats, packed or one by one. */
export const floatsAt = (fields: readonly WireField[], field: number): Float32Array =>
  new Float32Array(wholeElements(fixedAt(fields, field), 4))

export const doublesAt = (fields: readonly WireField[], field: number): Float64Array =>
  new Float64Array(wholeElements(fixedAt(fields, field), 8))

const fixedAt = (fields: readonly WireField[], field: number): Uint8Array[] =>
  fields.flatMap((f) => (f.field === field && f.kind !== 'varint' ? [f.bytes] : []))

/** The parts joined in memory of their own, which is aligned, each cut to whole elements. */
function wholeElements(parts: readonly Uint8Array[], elementBytes: number): ArrayBuffer {
  const whole = parts.map((part) => part.subarray(0, part.length - (part.length % elementBytes)))
  const joined = new Uint8Array(whole.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of whole) {
    joined.set(part, at)
    at += part.length
  }
  return joined.buffer
}

const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

export const decodeText = (bytes: Uint8Array): string => textDecoder.decode(bytes)
