import type { TensorLiteral } from '../../../../onnx/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import { feedsOfColumns } from '../../tables/column-feeds.ts'
import { refuseRows } from '../values/instances.ts'
import type { InferRequest } from './infer-request.ts'

/**
 * The model's inputs from the tensors of a request. Bundles take columns as [rows] or [rows, 1] of any datatype that holds
 * their values, and a column that is not sent is missing; other models take exactly what their metadata says.
 *
 * @throws MODEL_INPUT, REQUEST_INVALID, REQUEST_TOO_LARGE
 */
export function feedsOfRequest({ inputs }: InferRequest, model: Servable, rows: number): Tensors {
  const tensors: Record<string, TensorLiteral> = Object.fromEntries(inputs)
  if (model.isBatched) for (const [, { shape }] of inputs) refuseRows(shape[0] ?? 1, { rows })
  return model.table ? feedsOfColumns(tensors, model.table) : tensors
}
