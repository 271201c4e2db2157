import { ProtobufWriter, type TensorLiteral } from '../../../../onnx/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import { writeBinaryTensor } from '../open-inference/binary-tensors.ts'
import { DATATYPES } from '../open-inference/tensor-types.ts'
import type { InferRequest } from './infer-request.ts'
import { writeContents } from './typed-contents.ts'

/**
 * inference.ModelInferResponse. Tensors go as they came, raw or typed; FP16 has no typed field, so with such an output all
 * of them go raw.
 */
export function writeInferResponse(outputs: Tensors, model: Servable, request: InferRequest): Buffer {
  const names = request.outputs.length > 0 ? request.outputs : model.outputs.map(({ name }) => name)
  const tensors = names.map((name) => [name, outputs[name]!] as const)
  const isRaw = request.isRaw || tensors.some(([, { type }]) => type === 'float16')
  const message = new ProtobufWriter().textField(1, model.name).textField(2, model.version).textField(3, request.id)
  for (const [name, tensor] of tensors) message.messageField(5, outputTensor(name, tensor, isRaw))
  if (isRaw) for (const [, tensor] of tensors) message.bytesField(6, writeBinaryTensor(tensor))
  return asBuffer(message)
}

function outputTensor(name: string, tensor: TensorLiteral, isRaw: boolean): ProtobufWriter {
  const head = new ProtobufWriter()
    .textField(1, name)
    .textField(2, DATATYPES[tensor.type])
    .packedVarintsField(3, tensor.shape)
  const contents = isRaw ? undefined : writeContents(tensor)
  return contents ? head.messageField(5, contents) : head
}

export function asBuffer(message: ProtobufWriter): Buffer {
  const { buffer, byteOffset, byteLength } = message.finish()
  return Buffer.from(buffer, byteOffset, byteLength)
}
