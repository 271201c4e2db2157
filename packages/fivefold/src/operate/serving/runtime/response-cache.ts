import { hash } from 'node:crypto'
import type { TensorLiteral } from '../../../onnx/index.ts'
import type { Tensors } from '../model/servable.ts'

/** Answers of one version of a model, by the bytes of what was asked; the one unused for longest goes first. */
export interface ResponseCache {
  get(key: string): Tensors | undefined
  set(key: string, answer: Tensors): void
}

/** The memory that the answers of one version may take, whatever their number. */
const MAX_BYTES = 64 * 1024 * 1024

export function createResponseCache(maxEntries: number, maxBytes = MAX_BYTES): ResponseCache {
  // A Map iterates in the order of insertion, so that its first entry is the one unused for longest.
  const entries = new Map<string, { readonly answer: Tensors; readonly bytes: number }>()
  let bytes = 0
  const remove = (key: string): void => {
    bytes -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }
  return {
    get(key) {
      const entry = entries.get(key)
      if (!entry) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry.answer
    },
    set(key, answer) {
      const own = detached(answer)
      const size = Object.values(own).reduce((sum, tensor) => sum + bytesOf(tensor), 0)
      if (size > maxBytes) return
      remove(key)
      entries.set(key, { answer: own, bytes: size })
      bytes += size
      while (entries.size > maxEntries || bytes > maxBytes) remove(entries.keys().next().value!)
    },
  }
}

/** A digest of the names, types, shapes and bytes of what is asked. */
export function cacheKey(feeds: Tensors, outputs: readonly string[] | undefined): string {
  const parts: Uint8Array[] = [Buffer.from(JSON.stringify(outputs ?? null))]
  for (const name of Object.keys(feeds).sort()) {
    const { type, shape, data } = feeds[name]!
    parts.push(Buffer.from(JSON.stringify([name, type, shape, ...(type === 'string' ? data : [])])))
    if (type !== 'string') parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hash('sha256', Buffer.concat(parts), 'base64')
}

/** An answer may be a view of the answers to a whole batch, which must not be kept for it. */
function detached(answer: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(answer).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as TensorLiteral]),
  )
}

function bytesOf(tensor: TensorLiteral): number {
  if (tensor.type !== 'string') return tensor.data.byteLength
  return tensor.data.reduce((sum, text) => sum + 2 * text.length, 0)
}
