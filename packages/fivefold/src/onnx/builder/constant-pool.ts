import { bytesOf, checkLiteral, type TensorLiteral } from '../tensor.ts'

export interface ConstantPool {
  /** The name of the initializer with this content; `isNew` where none was equal. */
  add(literal: TensorLiteral): { readonly name: string; readonly isNew: boolean }
  entries(): readonly (readonly [name: string, literal: TensorLiteral])[]
}

/** Keeps equal tensors once: candidates are found by hash and then compared in full. Names start with `prefix`. */
export function createConstantPool(prefix = '/constant_'): ConstantPool {
  const stored: [string, TensorLiteral][] = []
  const byHash = new Map<string, number[]>()
  return {
    add(literal) {
      const name = `${prefix}${stored.length}`
      checkLiteral(literal, `constant '${name}'`)
      const key = `${literal.type}[${literal.shape.join()}]${contentHash(literal)}`
      const candidates = byHash.get(key) ?? []
      const same = candidates.find((at) => sameContent(stored[at]![1], literal))
      if (same !== undefined) return { name: stored[same]![0], isNew: false }
      byHash.set(key, [...candidates, stored.length])
      stored.push([name, literal])
      return { name, isNew: true }
    },
    entries: () => stored,
  }
}

/** FNV-1a. */
function contentHash(literal: TensorLiteral): number {
  let hash = 0x811c9dc5
  const mix = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193)
  }
  if (literal.type === 'string')
    for (const text of literal.data) for (let i = 0; i < text.length; i++) mix(text.charCodeAt(i))
  else for (const byte of bytesOf(literal)) mix(byte)
  return hash >>> 0
}

function sameContent(a: TensorLiteral, b: TensorLiteral): boolean {
  if (a.type === 'string' || b.type === 'string') {
    return a.type === b.type && a.data.every((text, i) => text === b.data[i])
  }
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0
}
