import { version } from '../../../../core/index.ts'
import { ProtobufWriter } from '../../../../onnx/index.ts'
import type { Servable, TensorSpec } from '../../model/servable.ts'
import type { ModelStatus } from '../../runtime/model-repository.ts'
import { DATATYPES } from '../open-inference/tensor-types.ts'
import { asBuffer } from './infer-response.ts'
import { MessageReader } from './message-reader.ts'

/** Texts of a message by field number: model names and versions. */
export function readTexts(bytes: Buffer, most: number): string[] {
  const texts = new Array<string>(most + 1).fill('')
  const reader = new MessageReader(bytes)
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field <= most) texts[field] = reader.text()
    else reader.skip()
  }
  return texts
}

/** A message whose only field is a flag or a state: ServerLiveResponse, ModelReadyResponse, HealthCheckResponse. */
export const flagMessage = (value: boolean | number): Buffer =>
  asBuffer(new ProtobufWriter().varintField(1, Number(value)))

/** inference.ServerMetadataResponse */
export const serverMetadata = (extensions: readonly string[]): Buffer => {
  const message = new ProtobufWriter().textField(1, 'fivefold').textField(2, version)
  for (const extension of extensions) message.textField(3, extension)
  return asBuffer(message)
}

/** inference.ModelMetadataResponse */
export function modelMetadata(model: Servable, versions: readonly string[]): Buffer {
  const message = new ProtobufWriter().textField(1, model.name)
  for (const each of versions) message.textField(2, each)
  message.textField(3, 'onnx_onnxv1')
  for (const spec of model.inputs) message.messageField(4, tensorMetadata(spec))
  for (const spec of model.outputs) message.messageField(5, tensorMetadata(spec))
  return asBuffer(message)
}

const tensorMetadata = (spec: TensorSpec): ProtobufWriter =>
  new ProtobufWriter().textField(1, spec.name).textField(2, DATATYPES[spec.type]).packedVarintsField(3, spec.shape)

const STATES = { loading: 'LOADING', ready: 'READY', unloading: 'UNLOADING', failed: 'UNAVAILABLE' } as const

/** inference.RepositoryIndexResponse */
export function repositoryIndex(statuses: readonly ModelStatus[]): Buffer {
  const message = new ProtobufWriter()
  for (const { name, version: ofModel, state, reason = '' } of statuses) {
    const entry = new ProtobufWriter().textField(1, name).textField(2, ofModel).textField(3, STATES[state])
    message.messageField(1, entry.textField(4, reason))
  }
  return asBuffer(message)
}
