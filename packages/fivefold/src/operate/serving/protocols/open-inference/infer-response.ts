import type { TensorLiteral } from '../../../../onnx/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import { stringifyExactly } from '../../wire/exact-json.ts'
import { jsonOfElements } from '../../wire/json-tensors.ts'
import { writeBinaryTensor } from './binary-tensors.ts'
import type { InferRequest } from './infer-request.ts'
import { DATATYPES } from './tensor-types.ts'

export interface InferResponse {
  readonly body: string | Buffer
  /** Set where tensors follow the JSON in binary: the length of the JSON in bytes. */
  readonly headerLength?: number
}

/** The answer, with the request's id and parameters in it. */
export function inferResponse(model: Servable, request: InferRequest, answer: Tensors): InferResponse {
  const { outputs, binaryByDefault } = request
  const binary: Buffer[] = []
  const tensors = outputs
    ? outputs.map(({ name, binary: own }) => encodeTensor(name, answer[name]!, own ? binary : undefined))
    : model.outputs.map(({ name }) => encodeTensor(name, answer[name]!, binaryByDefault ? binary : undefined))
  const json = `${headOf(model, request)},"outputs":[${tensors.join()}]}`
  if (binary.length === 0) return { body: json }
  const head = Buffer.from(json, 'utf8')
  return { body: Buffer.concat([head, ...binary]), headerLength: head.length }
}

function headOf({ name, version }: Servable, { id, parameters }: InferRequest): string {
  const head = `{"model_name":${JSON.stringify(name)},"model_version":${JSON.stringify(version)}`
  const own = id === undefined ? '' : `,"id":${JSON.stringify(id)}`
  return `${head}${own}${parameters === undefined ? '' : `,"parameters":${stringifyExactly(parameters)}`}`
}

function encodeTensor(name: string, tensor: TensorLiteral, binary: Buffer[] | undefined): string {
  const head = `{"name":${JSON.stringify(name)},"datatype":"${DATATYPES[tensor.type]}","shape":[${tensor.shape.join()}]`
  if (!binary) return `${head},"data":${jsonOfElements(tensor)}}`
  const bytes = writeBinaryTensor(tensor)
  binary.push(bytes)
  return `${head},"parameters":{"binary_data_size":${bytes.length}}}`
}
