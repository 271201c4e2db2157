import { FivefoldError } from '../../core/index.ts'
import type { Attribute } from '../graph/attribute.ts'
import type { OnnxModel, OnnxNode, OnnxValue } from '../graph/model.ts'
import { type Dimension, elementTypeOf } from '../tensor.ts'
import { type ExternalReader, sliceOf } from './external-data.ts'
import { bytesAt, decodeText, floatsAt, intAt, intsAt, textAt } from './fields.ts'
import { readTensor } from './read-tensor.ts'
import { readFields, type WireField } from './reader.ts'

export interface ReadOptions {
  /**
   * The content of a file beside the model, for models that keep their weights outside. `location` is a path below the model's
   * folder; others are refused before. `readModelFile` does this for models on disk.
   */
  readonly externalData?: (location: string) => Uint8Array
}

/**
 * What is inside a serialized ONNX model. Graph inputs leave out initializers, which old exporters list as inputs too. Weights
 * are views into `bytes` where those are aligned, and are copied only when their values are asked for where not.
 * Throws GRAPH_INVALID where the bytes are not an ONNX model.
 */
export function readModel(bytes: Uint8Array, { externalData }: ReadOptions = {}): OnnxModel {
  if (externalData === undefined) return parseModel(bytes, refuseExternal)
  return parseModel(bytes, (place) => sliceOf(externalData(place.location), place))
}

const refuseExternal: ExternalReader = ({ location }) => {
  throw new FivefoldError(
    'GRAPH_UNSUPPORTED',
    `the model keeps weights outside its file, in '${location}': read it with readModelFile, or pass externalData`,
  )
}

/** `readModel` over any source of external data. */
export function parseModel(bytes: Uint8Array, external: ExternalReader): OnnxModel {
  const model = readFields(bytes)
  const graphBytes = bytesAt(model, 7)[0]
  if (!graphBytes) throw new FivefoldError('GRAPH_INVALID', 'not an ONNX model: it has no graph')
  const graph = readFields(graphBytes)
  const initializers = bytesAt(graph, 5).map((tensor) => readTensor(tensor, external))
  const initialized = new Set(initializers.map(({ name }) => name))
  return {
    irVersion: intAt(model, 1),
    producer: textAt(model, 2),
    opsets: Object.fromEntries(bytesAt(model, 8).map((b) => readOpset(readFields(b)))),
    graph: {
      name: textAt(graph, 2),
      inputs: bytesAt(graph, 11)
        .map(readValueInfo)
        .filter(({ name }) => !initialized.has(name)),
      outputs: bytesAt(graph, 12).map(readValueInfo),
      nodes: bytesAt(graph, 1).map((node) => readNode(node, external)),
      initializers,
    },
    metadata: Object.fromEntries(bytesAt(model, 14).map((b) => readEntry(readFields(b)))),
  }
}

const readOpset = (fields: WireField[]): [string, number] => [textAt(fields, 1), intAt(fields, 2)]
const readEntry = (fields: WireField[]): [string, string] => [textAt(fields, 1), textAt(fields, 2)]

function readNode(bytes: Uint8Array, external: ExternalReader): OnnxNode {
  const fields = readFields(bytes)
  return {
    name: textAt(fields, 3),
    op: textAt(fields, 4),
    domain: textAt(fields, 7),
    inputs: bytesAt(fields, 1).map(decodeText),
    outputs: bytesAt(fields, 2).map(decodeText),
    attributes: Object.fromEntries(bytesAt(fields, 5).flatMap((attribute) => readAttribute(attribute, external))),
  }
}

function readAttribute(bytes: Uint8Array, external: ExternalReader): [string, Attribute][] {
  const fields = readFields(bytes)
  const attribute = attributeValue(fields, external)
  return attribute ? [[textAt(fields, 1), attribute]] : []
}

/** By AttributeProto.type (field 20); other types give undefined. */
function attributeValue(fields: WireField[], external: ExternalReader): Attribute | undefined {
  const type = intAt(fields, 20)
  if (type === 1) return { float: floatsAt(fields, 2)[0] ?? 0 }
  if (type === 2) return { int: intsAt(fields, 3)[0] ?? 0n }
  if (type === 3) return { string: textAt(fields, 4) }
  if (type === 4) return tensorAttribute(bytesAt(fields, 5)[0], external)
  if (type === 6) return { floats: floatsAt(fields, 7) }
  if (type === 7) return { ints: intsAt(fields, 8) }
  if (type === 8) return { strings: bytesAt(fields, 9).map(decodeText) }
  return undefined
}

function tensorAttribute(bytes: Uint8Array | undefined, external: ExternalReader): Attribute | undefined {
  if (!bytes) return undefined
  const tensor = readTensor(bytes, external)
  return tensor.type === 'unsupported' ? undefined : { tensor: tensor.read() }
}

function readValueInfo(bytes: Uint8Array): OnnxValue {
  const fields = readFields(bytes)
  const type = readFields(bytesAt(fields, 2)[0] ?? new Uint8Array())
  const tensor = readFields(bytesAt(type, 1)[0] ?? new Uint8Array())
  const shape = readFields(bytesAt(tensor, 2)[0] ?? new Uint8Array())
  return {
    name: textAt(fields, 1),
    type: elementTypeOf(intAt(tensor, 1)) ?? 'unsupported',
    shape: bytesAt(shape, 1).map((b) => readDimension(readFields(b))),
  }
}

function readDimension(fields: WireField[]): Dimension {
  const size = intsAt(fields, 1)[0]
  return size === undefined ? textAt(fields, 2) : Number(size)
}
