import { FivefoldError } from '../../../core/index.ts'
import { floatAttribute, intAttribute, intsAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import { fixedShape, type TypedNode, type TypedValue } from '../../graph/typed-value.ts'
import type { Rewrite } from '../gradient-rule.ts'

/** [batch, steps, width] to [batch, heads, steps, width / heads]. */
function splitHeads(value: TypedValue, heads: number, ops: Operations): TypedValue {
  const [batch, steps, width] = fixedShape(value) as [number, number, number]
  return ops.transpose(ops.reshape(value, [batch, steps, heads, width / heads]), [0, 2, 1, 3])
}

function joinHeads(value: TypedValue, ops: Operations): TypedValue {
  const [batch, heads, steps, width] = fixedShape(value) as [number, number, number, number]
  return ops.reshape(ops.transpose(value, [0, 2, 1, 3]), [batch, steps, heads * width])
}

interface Heads {
  readonly query: TypedValue
  readonly key: TypedValue
  readonly value: TypedValue
}

/** Vaswani et al. 2017: softmax(Q K^T scale + bias) V for each head. */
function attend(
  { query, key, value }: Heads,
  biases: readonly TypedValue[],
  node: TypedNode,
  ops: Operations,
): TypedValue {
  const width = fixedShape(query)[3]!
  const scale = floatAttribute(node.attributes, 'scale', 0) || 1 / Math.sqrt(width)
  const scores = ops.matMul(ops.scale(query, scale), ops.swapAxes(key, 2, 3))
  const biased = biases.reduce((sum, bias) => ops.add(sum, bias), scores)
  return joinHeads(ops.matMul(ops.node('Softmax', [biased], { axis: { int: -1 } }), value), ops)
}

const filterValue = (node: TypedNode): number => floatAttribute(node.attributes, 'mask_filter_value', -10000)

/** 0 where a key may be seen and a large negative number where not, to be added to the scores. */
function maskBias(mask: TypedValue, keys: number, node: TypedNode, ops: Operations): TypedValue {
  const like = node.inputs[0]!
  const [batch] = fixedShape(mask) as [number]
  const hidden = ops.scalar(filterValue(node), like)
  if (mask.shape.length === 1) {
    const positions = ops.graph.constant({
      type: 'int32',
      shape: [1, 1, 1, keys],
      data: Int32Array.from({ length: keys }, (_, i) => i),
    })
    const isSeen = ops.node('Less', [positions, ops.reshape(mask, [batch, 1, 1, 1])])
    return ops.where(isSeen, ops.scalar(0, like), hidden)
  }
  const shape = fixedShape(mask)
  const wide = shape.length === 2 ? [batch, 1, 1, keys] : shape.length === 3 ? [batch, 1, ...shape.slice(1)] : shape
  return ops.mul(ops.oneMinus(ops.cast(ops.reshape(mask, wide), like.type)), hidden)
}

/** Hides what comes later. */
function causalBias(queries: number, keys: number, node: TypedNode, ops: Operations): TypedValue {
  const data = Float32Array.from({ length: queries * keys }, (_, i) =>
    (i % keys) - (keys - queries) > Math.floor(i / keys) ? Number.NEGATIVE_INFINITY : 0,
  )
  return ops.cast(ops.graph.constant({ type: 'float', shape: [1, 1, queries, keys], data }), node.inputs[0]!.type)
}

/** The biases of the scores that a node asks for: its mask, what it adds, and whether later steps are hidden. */
function scoreBiases(
  node: TypedNode,
  inputs: { mask: TypedValue | undefined; added: TypedValue | undefined },
  sizes: readonly [queries: number, keys: number],
  ops: Operations,
): TypedValue[] {
  const isCausal = intAttribute(node.attributes, 'unidirectional', 0) !== 0
  return [
    ...(inputs.mask ? [maskBias(inputs.mask, sizes[1], node, ops)] : []),
    ...(inputs.added ? [inputs.added] : []),
    ...(isCausal ? [causalBias(sizes[0], sizes[1], node, ops)] : []),
  ]
}

/** com.microsoft.Attention: queries, keys and values are one product of the input. */
export const attention: Rewrite = ({ node, ops, graph }) => {
  const [x, weights, bias, mask, past, added] = node.inputs
  const heads = intAttribute(node.attributes, 'num_heads', 1)
  const width = fixedShape(weights!)[1]!
  const widths = intsAttribute(node.attributes, 'qkv_hidden_sizes', [width / 3, width / 3, width / 3])
  const product = ops.matMul(x!, weights!)
  const projected = bias ? ops.add(product, bias) : product
  const parts = graph.nodeWithOutputs('Split', 3, [projected, ops.ints(widths)], { axis: { int: 2 } })
  const [query, ...fresh] = parts.map((part) => splitHeads(part, heads, ops)) as [TypedValue, TypedValue, TypedValue]
  const before = (index: number): TypedValue | undefined =>
    past && ops.squeeze(ops.slice(past, [{ axis: 0, start: index, end: index + 1 }]), [0])
  const [key, value] = fresh.map((part, i) => behind(before(i), part, ops)) as [TypedValue, TypedValue]
  const sizes = [fixedShape(query)[2]!, fixedShape(key)[2]!] as const
  const y = attend({ query, key, value }, scoreBiases(node, { mask, added }, sizes, ops), node, ops)
  const present = node.outputs[1] && ops.concat([ops.unsqueeze(key, [0]), ops.unsqueeze(value, [0])], 0)
  return { outputs: [y, present] }
}

/** com.microsoft.MultiHeadAttention: queries, keys and values arrive projected; keys and values that have heads need no bias. */
export const multiHeadAttention: Rewrite = ({ node, ops }) => {
  const [rawQuery, rawKey, rawValue, bias, mask, added, pastKey, pastValue] = node.inputs
  const raw = [rawQuery!, rawKey!, rawValue!]
  if (raw.some((part) => part === undefined || part.shape.length > 4))
    throw new FivefoldError(
      'GRAPH_UNSUPPORTED',
      `node '${node.name}': ${node.op} over packed inputs cannot be differentiated`,
    )
  const heads = intAttribute(node.attributes, 'num_heads', 1)
  const width = fixedShape(rawQuery!)[2]!
  const project = (part: TypedValue, start: number): TypedValue => {
    if (part.shape.length === 4) return part
    const own = bias && ops.slice(bias, [{ axis: 0, start, end: start + fixedShape(part)[2]! }])
    return splitHeads(own ? ops.add(part, own) : part, heads, ops)
  }
  const query = project(rawQuery!, 0)
  const key = behind(pastKey, project(rawKey!, width), ops)
  const value = behind(pastValue, project(rawValue!, 2 * width), ops)
  const sizes = [fixedShape(query)[2]!, fixedShape(key)[2]!] as const
  const y = attend({ query, key, value }, scoreBiases(node, { mask, added }, sizes, ops), node, ops)
  return { outputs: [y, node.outputs[1] && key, node.outputs[2] && value] }
}

/** Keys or values of earlier steps before those of these, [batch, heads, steps, size]. */
const behind = (past: TypedValue | undefined, fresh: TypedValue, ops: Operations): TypedValue =>
  past === undefined ? fresh : ops.concat([past, fresh], 2)
