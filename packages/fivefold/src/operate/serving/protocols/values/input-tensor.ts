import { isUtf8 } from 'node:buffer'
import { FivefoldError } from '../../../../core/index.ts'
import type { TensorLiteral } from '../../../../onnx/index.ts'
import type { TensorSpec } from '../../model/servable.ts'
import { shapeOfJson, tensorOfJson } from '../../wire/json-tensors.ts'
import { type BodyLimits, isObject } from './parse-body.ts'

/**
 * An input from nested lists, whose nesting is its shape; a lone value is a tensor of rank 0. Texts may be given as
 * {"b64": "..."}.
 *
 * @throws REQUEST_INVALID where lists differ in length, and where a value is not of the input's type
 */
export function inputTensor(value: unknown, { name, type }: TensorSpec, { elements }: BodyLimits): TensorLiteral {
  const shape = shapeOfJson(value)
  const list = shape.length === 0 ? [value] : value
  return tensorOfJson(type, shape, type === 'string' ? withPlainTexts(list) : list, elements, `input '${name}'`)
}

function withPlainTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainTexts)
  return isBase64(value) ? decodeText(value.b64) : value
}

/** Texts that are not plain Unicode, as TensorFlow Serving and Vertex AI write them. */
export const isBase64 = (value: unknown): value is { readonly b64: string } =>
  isObject(value) && typeof value.b64 === 'string' && Object.keys(value).length === 1

const BASE64 = /^[A-Za-z0-9+/\-_\s]*={0,2}\s*$/

/** The runtime holds texts as Unicode, so other bytes are refused instead of being bent. */
function decodeText(b64: string): string {
  if (!BASE64.test(b64)) throw new FivefoldError('REQUEST_INVALID', 'Unable to base64 decode')
  const bytes = Buffer.from(b64, 'base64')
  if (isUtf8(bytes)) return bytes.toString('utf8')
  throw new FivefoldError('REQUEST_INVALID', 'base64 data holds bytes that are no UTF-8 text')
}
