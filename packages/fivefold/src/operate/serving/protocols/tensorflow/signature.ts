import { FivefoldError } from '../../../../core/index.ts'
import type { ElementType } from '../../../../onnx/index.ts'
import type { Servable, TensorSpec } from '../../model/servable.ts'

/** The only signature of a model here. */
const SIGNATURE = 'serving_default'

/** @throws REQUEST_INVALID for the name of another signature */
export function checkSignature(name: unknown): void {
  if (name === undefined || name === '' || name === SIGNATURE) return
  if (typeof name !== 'string') throw invalid("'signature_name' key must be a string value.")
  throw invalid(`Serving signature name: "${name.slice(0, 100)}" not found in signature def`)
}

const invalid = (message: string): FivefoldError => new FivefoldError('REQUEST_INVALID', message)

/** tensorflow/core/framework/types.proto */
const DTYPES: Record<ElementType, string> = {
  float: 'DT_FLOAT',
  double: 'DT_DOUBLE',
  float16: 'DT_HALF',
  int64: 'DT_INT64',
  int32: 'DT_INT32',
  int16: 'DT_INT16',
  uint64: 'DT_UINT64',
  uint32: 'DT_UINT32',
  uint16: 'DT_UINT16',
  uint8: 'DT_UINT8',
  int8: 'DT_INT8',
  bool: 'DT_BOOL',
  string: 'DT_STRING',
}

/** The answer of `GET /v1/models/{model}/metadata`. */
export function modelMetadata(model: Servable): object {
  const signature = {
    inputs: tensorInfos(model.inputs, model),
    outputs: tensorInfos(model.outputs, model),
    method_name: 'tensorflow/serving/predict',
    defaults: {},
  }
  return {
    model_spec: { name: model.name, signature_name: '', version: model.version },
    metadata: { signature_def: { signature_def: { [SIGNATURE]: signature } } },
  }
}

/** Columns of a table are shown as they are sent: one value a row. */
function tensorInfos(specs: readonly TensorSpec[], { table }: Servable): object {
  return Object.fromEntries(
    specs.map(({ name, type, shape }) => {
      const dim = (table ? shape.slice(0, 1) : shape).map((size) => ({ size: String(size), name: '' }))
      return [name, { dtype: DTYPES[type], tensor_shape: { dim, unknown_rank: false }, name }]
    }),
  )
}
