import { type DocumentValue, isList, isTyped } from './model-document.ts'

const encoder = new TextEncoder()

/** Universal Binary JSON as XGBoost reads it: lengths of eight bytes, typed arrays of numbers. */
export function toUbjson(value: DocumentValue): Uint8Array {
  const parts: Uint8Array[] = []
  writeValue(parts, value)
  return Buffer.concat(parts)
}

function writeValue(parts: Uint8Array[], value: DocumentValue): void {
  if (typeof value === 'string') parts.push(ascii('S'), ...textParts(value))
  else if (typeof value === 'number') parts.push(ascii('L'), int64(value))
  else if (isTyped(value)) parts.push(typedArray(value))
  else if (isList(value)) {
    parts.push(ascii('[#'), ...length(value.length))
    for (const item of value) writeValue(parts, item)
  } else {
    parts.push(ascii('{'))
    for (const [key, item] of Object.entries(value)) {
      parts.push(...textParts(key))
      writeValue(parts, item)
    }
    parts.push(ascii('}'))
  }
}

function ascii(text: string): Uint8Array {
  return encoder.encode(text)
}

function int64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value))
  return bytes
}

function length(count: number): Uint8Array[] {
  return [ascii('L'), int64(count)]
}

function textParts(text: string): Uint8Array[] {
  const bytes = encoder.encode(text)
  return [...length(bytes.length), bytes]
}

function typedArray(value: Float32Array | Int32Array | Uint8Array | BigInt64Array): Uint8Array {
  const type =
    value instanceof Float32Array ? 'd' : value instanceof Int32Array ? 'l' : value instanceof Uint8Array ? 'U' : 'L'
  const bytes = new Uint8Array(value.byteLength)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < value.length; i++) {
    const at = i * value.BYTES_PER_ELEMENT
    if (value instanceof Float32Array) view.setFloat32(at, value[i]!)
    else if (value instanceof Int32Array) view.setInt32(at, value[i]!)
    else if (value instanceof Uint8Array) view.setUint8(at, value[i]!)
    else view.setBigInt64(at, value[i]!)
  }
  return Buffer.concat([ascii(`[$${type}#`), ...length(value.length), bytes])
}
