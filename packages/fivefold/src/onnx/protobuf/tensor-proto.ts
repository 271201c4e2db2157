import type { OnnxInitializer, RawTensor } from '../graph/model.ts'
import { bytesOf, ELEMENT_CODES, type TensorLiteral } from '../tensor.ts'
import { ProtobufWriter } from './writer.ts'

/** A tensor with its values inside the message. */
export function tensorProto(literal: TensorLiteral, name: string): ProtobufWriter {
  if (literal.type !== 'string')
    return header(literal.shape, rawOf(literal).elementCode, name).bytesField(9, bytesOf(literal))
  const proto = header(literal.shape, ELEMENT_CODES.string, name)
  for (const text of literal.data) proto.textField(6, text)
  return proto
}

/** A weight with its values inside the message: copied as they lie where the model has them so. */
export function initializerProto(weight: OnnxInitializer): ProtobufWriter {
  const { elementCode, bytes } = weight.raw?.() ?? {}
  if (elementCode === undefined || bytes === undefined) return tensorProto(weight.read(), weight.name)
  return header(weight.shape, elementCode, weight.name).bytesField(9, bytes)
}

/** A weight whose values lie in another file (TensorProto.external_data, ExternalData.md). */
export function externalProto(
  { name, shape }: OnnxInitializer,
  elementCode: number,
  place: Readonly<Record<'location' | 'offset' | 'length', string>>,
): ProtobufWriter {
  const proto = header(shape, elementCode, name)
  for (const [key, value] of Object.entries(place))
    proto.messageField(13, new ProtobufWriter().textField(1, key).textField(2, value))
  return proto.varintField(14, 1)
}

const header = (shape: readonly number[], elementCode: number, name: string): ProtobufWriter =>
  new ProtobufWriter().packedVarintsField(1, shape).varintField(2, elementCode).textField(8, name)

/** The bytes of a tensor that is not of texts. */
export const rawOf = (literal: Exclude<TensorLiteral, { type: 'string' }>): RawTensor => ({
  elementCode: ELEMENT_CODES[literal.type],
  bytes: bytesOf(literal),
})
