import { intAttribute } from '../graph/attribute.ts'
import type { OnnxModel, OnnxNode } from '../graph/model.ts'
import type { TensorLiteral } from '../tensor.ts'

/**
 * PyTorch exports `x.split([2, 3])` as a sequence of tensors, out of which parts are taken by constant places. That becomes a
 * Split. Sequences of which sizes or places are not constant, or which are used otherwise, stay.
 */
export function splitSequences(model: OnnxModel): OnnxModel {
  const { nodes } = model.graph
  if (!nodes.some(({ op }) => op === 'SplitToSequence')) return model
  const constants = integerConstants(model)
  const sequences = new Map(
    nodes.flatMap((node) => {
      const sizes = node.op === 'SplitToSequence' ? constants.get(node.inputs[1] ?? '') : undefined
      const readers = nodes.filter(({ inputs }) => inputs.includes(node.outputs[0]!))
      const isPlain = readers.every((reader) => placeIn(reader, sizes?.shape[0] ?? 0, constants) !== undefined)
      return sizes?.shape.length === 1 && isPlain ? [[node.outputs[0]!, sizes.shape[0]!] as const] : []
    }),
  )
  const replaced = nodes.map((node) => {
    const made = sequences.get(node.outputs[0] ?? '')
    if (made !== undefined) return asSplit(node, made)
    const taken = node.op === 'SequenceAt' ? sequences.get(node.inputs[0]!) : undefined
    return taken === undefined ? node : asPart(node, placeIn(node, taken, constants)!)
  })
  return { ...model, graph: { ...model.graph, nodes: replaced } }
}

const partName = (sequence: string, place: number): string => `${sequence}:part_${place}`

function asSplit(node: OnnxNode, count: number): OnnxNode {
  const axis = { int: intAttribute(node.attributes, 'axis', 0) }
  const outputs = Array.from({ length: count }, (_, place) => partName(node.outputs[0]!, place))
  return { ...node, op: 'Split', outputs, attributes: { axis } }
}

const asPart = (node: OnnxNode, place: number): OnnxNode => ({
  ...node,
  op: 'Identity',
  inputs: [partName(node.inputs[0]!, place)],
  attributes: {},
})

/** The place that a SequenceAt takes from a sequence of `count` tensors; undefined for other nodes. */
function placeIn(node: OnnxNode, count: number, constants: ReadonlyMap<string, TensorLiteral>): number | undefined {
  const place = constants.get(node.inputs[1] ?? '')?.data[0]
  if (node.op !== 'SequenceAt' || place === undefined) return undefined
  const front = Number(place) < 0 ? Number(place) + count : Number(place)
  return front >= 0 && front < count ? front : undefined
}

function integerConstants({ graph }: OnnxModel): Map<string, TensorLiteral> {
  const isInteger = ({ type }: { type: string }): boolean => type === 'int64' || type === 'int32'
  const stored = graph.initializers.filter(isInteger).map((tensor) => [tensor.name, tensor.read()] as const)
  const written = graph.nodes.flatMap(({ op, attributes: { value }, outputs }) =>
    op === 'Constant' && value !== undefined && 'tensor' in value && isInteger(value.tensor)
      ? [[outputs[0]!, value.tensor] as const]
      : [],
  )
  return new Map([...stored, ...written])
}
