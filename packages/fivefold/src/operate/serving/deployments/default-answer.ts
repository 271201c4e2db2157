import { elementCount, type TensorLiteral, toHalf, zerosOf } from '../../../onnx/index.ts'
import type { Fallback } from '../../rollout/index.ts'
import type { Servable, TensorSpec, Tensors } from '../model/servable.ts'
import { rowCountOf } from '../model/tensor-batches.ts'
import type { InferOptions } from '../runtime/model-repository.ts'

/** One value for each output that is asked for, in every row; undefined where the specification has none for some output. */
export function defaultAnswer(
  { answer }: Fallback,
  model: Servable,
  feeds: Tensors,
  { outputs }: InferOptions,
): Tensors | undefined {
  const wanted = model.outputs.filter(({ name }) => outputs === undefined || outputs.includes(name))
  if (!answer || !wanted.every(({ name }) => Object.hasOwn(answer, name))) return undefined
  const rows = model.isBatched ? rowCountOf(feeds) : 1
  return Object.fromEntries(wanted.map((output) => [output.name, filled(output, rows, answer[output.name]!)]))
}

function filled({ type, shape }: TensorSpec, rows: number, value: number | string | boolean): TensorLiteral {
  const fixed = shape.map((size, axis) => (size >= 0 ? size : axis === 0 ? rows : 1))
  if (type === 'string') return { type, shape: fixed, data: new Array<string>(elementCount(fixed)).fill(String(value)) }
  const tensor = zerosOf(type, fixed)
  if (tensor.type === 'int64' || tensor.type === 'uint64') tensor.data.fill(BigInt(value))
  else if (tensor.type === 'float16') tensor.data.fill(toHalf(Number(value)))
  else tensor.data.fill(Number(value))
  return tensor
}
