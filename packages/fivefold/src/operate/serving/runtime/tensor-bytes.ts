import { type NumericType, type TensorLiteral, zerosOf } from '../../../onnx/index.ts'
import type { Tensors } from '../model/servable.ts'

/** What stands before the numbers: a tensor each, texts in full. */
interface TensorHead {
  readonly name: string
  readonly type: TensorLiteral['type']
  readonly shape: readonly number[]
  readonly texts?: readonly string[]
}

const LENGTH_BYTES = 4

/** Tensors as bytes: the length of a head in JSON, the head, and the numbers of all tensors as they lie in memory. */
export function bytesOfTensors(tensors: Tensors): Buffer {
  const heads: TensorHead[] = []
  const numbers: Uint8Array[] = []
  for (const [name, { type, shape, data }] of Object.entries(tensors)) {
    heads.push({ name, type, shape, ...(type === 'string' ? { texts: data } : {}) })
    if (type !== 'string') numbers.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  const head = Buffer.from(JSON.stringify(heads))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(head.length)
  return Buffer.concat([length, head, ...numbers])
}

/** The tensors that were made these bytes; fails in some way where they are none. */
export function tensorsOfBytes(bytes: Buffer): Tensors {
  const headEnd = LENGTH_BYTES + bytes.readUInt32LE()
  const heads = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, headEnd)) as TensorHead[]
  let at = headEnd
  const tensors = heads.map(({ name, type, shape, texts }): [string, TensorLiteral] => {
    if (type === 'string') return [name, { type, shape, data: [...texts!] }]
    const tensor = zerosOf(type as NumericType, shape)
    const into = new Uint8Array(tensor.data.buffer)
    into.set(bytes.subarray(at, at + into.length))
    at += into.length
    return [name, tensor]
  })
  if (at !== bytes.length) throw new RangeError('bytes are left over')
  return Object.fromEntries(tensors)
}
