import type { TensorLiteral } from '../tensor.ts'

type Tensors = Readonly<Record<string, TensorLiteral>>

/**
 * Copies in memory of their own, which can be moved to another thread. A view of larger memory would take all of that along.
 * Memory that is shared already stays.
 */
export function detached(tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, isShared(tensor) ? tensor : withOwnMemory(tensor)]),
  )
}

const withOwnMemory = (tensor: TensorLiteral): TensorLiteral =>
  ({ ...tensor, data: tensor.data.slice() }) as TensorLiteral

const isShared = ({ data }: TensorLiteral): boolean => 'buffer' in data && data.buffer instanceof SharedArrayBuffer

/** The memory of tensors, each once; without what is shared, and without texts, which are copied anyway. */
export function buffersOf(tensors: Tensors): readonly ArrayBuffer[] {
  const buffers = Object.values(tensors).flatMap(({ data }) => ('buffer' in data ? [data.buffer] : []))
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer)
}
