import { FivefoldError } from '../../../core/index.ts'
import { stringifyExactly } from '../exact-json.ts'
import type { ServedModel, ServedPredictions } from '../served-model.ts'
import { writeBinaryTensor } from './binary-tensors.ts'
import { type OutputTensor, outputMetadata, outputTensor } from './column-tensors.ts'
import type { InferRequest } from './infer-request.ts'

export interface InferResponse {
  readonly body: string | Buffer
  /** Set where tensors follow the JSON in binary: the length of the JSON in bytes. */
  readonly headerLength?: number
}

interface RequestedOutput {
  readonly name: string
  readonly binary: boolean
}

/** The outputs that a request asks for, all of them where it names none; checked before the model runs. */
export function requestedOutputs(request: InferRequest, model: ServedModel): RequestedOutput[] {
  const known = outputMetadata(model).map(({ name }) => name)
  const byDefault = request.parameters?.binary_data_output === true
  const asked = request.outputs?.length ? request.outputs : known.map((name) => ({ name, parameters: undefined }))
  // Each output is encoded once for each time it is asked for: a small request must not make a huge answer.
  if (new Set(asked.map(({ name }) => name)).size < asked.length)
    throw new FivefoldError('REQUEST_INVALID', 'an output is asked for twice')
  return asked.map(({ name, parameters }) => {
    if (!known.includes(name))
      throw new FivefoldError('REQUEST_INVALID', `no output '${name}'; there are: ${known.join(', ')}`)
    const own = parameters?.binary_data
    return { name, binary: typeof own === 'boolean' ? own : byDefault }
  })
}

/** The answer, with the request's id and parameters in it. */
export function inferResponse(
  model: ServedModel,
  request: InferRequest,
  outputs: readonly RequestedOutput[],
  served: ServedPredictions,
): InferResponse {
  const tensors = outputs.map(({ name, binary }) => encodeTensor(outputTensor(name, served)!, binary))
  const json = stringifyExactly({
    model_name: model.name,
    model_version: model.version,
    id: request.id,
    parameters: request.parameters,
    outputs: tensors.map(({ header }) => header),
  })
  const binary = tensors.flatMap(({ bytes }) => bytes ?? [])
  if (binary.length === 0) return { body: json }
  const head = Buffer.from(json, 'utf8')
  return { body: Buffer.concat([head, ...binary]), headerLength: head.length }
}

function encodeTensor(tensor: OutputTensor, binary: boolean): { header: object; bytes?: Buffer } {
  if (!binary) return { header: tensor }
  const { name, datatype, shape, data } = tensor
  const bytes = writeBinaryTensor(data, datatype)
  return { header: { name, datatype, shape, parameters: { binary_data_size: bytes.length } }, bytes }
}
