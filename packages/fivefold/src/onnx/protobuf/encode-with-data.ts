import type { OnnxInitializer, OnnxModel, RawTensor } from '../graph/model.ts'
import { modelProto } from './model-proto.ts'
import { externalProto, initializerProto, rawOf } from './tensor-proto.ts'

export interface ModelWithData {
  readonly bytes: Uint8Array
  /** The content of the file beside the model, piece by piece; undefined where nothing lies outside. */
  readonly data: Iterable<Uint8Array> | undefined
}

/** Pages of memory: a runtime can map weights that start on one. */
const ALIGNMENT_BYTES = 4096

interface Placed {
  readonly weight: OnnxInitializer
  readonly offset: number
}

/**
 * The serialized model with weights of `fromBytes` or more in a file beside it that goes by `location`. The bytes of weights
 * are asked for while `data` is read, one weight at a time.
 */
export function encodeModelWithData(
  model: OnnxModel,
  { location, fromBytes }: { readonly location: string; readonly fromBytes: number },
): ModelWithData {
  const placed: Placed[] = []
  let end = 0
  const proto = modelProto(model, [], (weight) => {
    const raw = outsideBytes(weight, fromBytes)
    if (raw === undefined) return initializerProto(weight)
    const offset = Math.ceil(end / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    const length = raw.bytes.length
    end = offset + length
    placed.push({ weight, offset })
    return externalProto(weight, raw.elementCode, { location, offset: String(offset), length: String(length) })
  })
  return { bytes: proto.finish(), data: placed.length === 0 ? undefined : dataOf(placed) }
}

/** Texts always stay inside (ExternalData.md). */
function outsideBytes(weight: OnnxInitializer, fromBytes: number): RawTensor | undefined {
  if (weight.type === 'string') return undefined
  const raw = rawTensor(weight)
  return raw.bytes.length >= fromBytes && raw.bytes.length > 0 ? raw : undefined
}

function rawTensor(weight: OnnxInitializer): RawTensor {
  if (weight.raw !== undefined) return weight.raw()
  const literal = weight.read()
  if (literal.type === 'string') throw new TypeError('texts have no raw bytes')
  return rawOf(literal)
}

function* dataOf(placed: readonly Placed[]): Generator<Uint8Array> {
  let at = 0
  for (const { weight, offset } of placed) {
    if (offset > at) yield new Uint8Array(offset - at)
    const { bytes } = rawTensor(weight)
    yield bytes
    at = offset + bytes.length
  }
}
