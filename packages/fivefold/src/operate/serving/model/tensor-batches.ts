import { type TensorLiteral, zerosOf } from '../../../onnx/index.ts'
import type { Tensors } from './servable.ts'

/** Rows of batched tensors: the first dimension, which all of them share. */
export function rowCountOf(tensors: Tensors): number {
  for (const name in tensors) return tensors[name]!.shape[0] ?? 0
  return 0
}

/** The rows of all parts, one after another. Parts have the same names, types and shapes beyond the first axis. */
export function stackTensors(parts: readonly Tensors[]): Tensors {
  if (parts.length === 1) return parts[0]!
  const stacked: Record<string, TensorLiteral> = {}
  for (const name in parts[0]) stacked[name] = stack(parts.map((part) => part[name]!))
  return stacked
}

function stack(tensors: readonly TensorLiteral[]): TensorLiteral {
  const first = tensors[0]!
  const rows = tensors.reduce((sum, { shape }) => sum + shape[0]!, 0)
  const shape = [rows, ...first.shape.slice(1)]
  if (first.type === 'string') return { type: 'string', shape, data: tensors.flatMap(({ data }) => data as string[]) }
  const stacked = zerosOf(first.type, shape)
  let at = 0
  for (const { data } of tensors) {
    // The element types are the same, which the type of a union of arrays cannot say.
    ;(stacked.data as Float32Array).set(data as Float32Array, at)
    at += data.length
  }
  return stacked
}

/** The rows [start, end) of each tensor: views of the same memory, but for texts. */
export function sliceTensors(tensors: Tensors, start: number, end: number): Tensors {
  const sliced: Record<string, TensorLiteral> = {}
  for (const name in tensors) sliced[name] = slice(tensors[name]!, start, end)
  return sliced
}

function slice(tensor: TensorLiteral, start: number, end: number): TensorLiteral {
  const [rows, ...inner] = tensor.shape
  const width = rows ? tensor.data.length / rows : 0
  const shape = [end - start, ...inner]
  if (tensor.type === 'string') return { type: 'string', shape, data: tensor.data.slice(start * width, end * width) }
  return { type: tensor.type, shape, data: tensor.data.subarray(start * width, end * width) } as TensorLiteral
}
