import { intAttribute, intsAttribute } from '../../graph/attribute.ts'
import { type NodeSignature, required, type TypedValue } from '../../graph/typed-value.ts'
import type { Dimension } from '../../tensor.ts'
import { mergeSizes, productOf } from '../dimensions.ts'
import { invalid } from '../graph-errors.ts'
import { likeFirst } from './elementwise.ts'
import { checkOneType, checkType, requiredRank } from './operands.ts'
import { matMul } from './products.ts'
import type { ShapeRule } from './shape-rule.ts'

/** BiasGelu, FastGelu: a bias along the last axis. */
export const biased: ShapeRule = (node) => {
  const bias = node.inputs[1]
  if (bias) mergeSizes(requiredRank(node, 1, 1).shape[0]!, required(node, 0).shape.at(-1) ?? 1, `${node.op}'s bias`)
  checkOneType(node, [0, 1])
  return likeFirst(node)
}

/** FusedMatMul: matrices that may be transposed; `transBatchA` moves the rows before the batch. */
export const fusedMatMul: ShapeRule = (node) => {
  const inputs = [oriented(node, 0, 'transA', 'transBatchA'), oriented(node, 1, 'transB', 'transBatchB')]
  return matMul({ ...node, inputs })
}

function oriented(node: NodeSignature, index: number, swap: string, rotate: string) {
  const value = required(node, index)
  const shape = [...value.shape]
  if (shape.length < 2) return value
  if (intAttribute(node.attributes, rotate, 0) !== 0) shape.splice(shape.length - 2, 0, shape.shift()!)
  if (intAttribute(node.attributes, swap, 0) !== 0) shape.push(shape.splice(shape.length - 2, 1)[0]!)
  return { ...value, shape }
}

/**
 * Attention: X [batch, steps, inputs], W [inputs, query + key + value], bias, mask, past [2, batch, heads, past steps, head].
 * Gives [batch, steps, value] and the keys and values so far.
 */
export const attention: ShapeRule = (node) => {
  const { type, shape } = requiredRank(node, 0, 3)
  const [batch, steps] = shape as [Dimension, Dimension]
  const width = requiredRank(node, 1, 2).shape[1]!
  const sizes = intsAttribute(node.attributes, 'qkv_hidden_sizes', undefined)
  const values = sizes?.[2] ?? (typeof width === 'number' ? width / 3 : '')
  const heads = headsOf(node)
  const past = node.inputs[4]?.shape[3] ?? 0
  const soFar = typeof past === 'number' && typeof steps === 'number' ? past + steps : past === 0 ? steps : ''
  return [
    { type, shape: [batch, steps, values] },
    { type, shape: [2, batch, heads, soFar, typeof values === 'number' ? values / heads : ''] },
  ]
}

/**
 * MultiHeadAttention: query [batch, steps, width], key and value likewise or split into heads, past keys and values
 * [batch, heads, past steps, head] before them (packed forms are not written by exporters).
 */
export const multiHeadAttention: ShapeRule = (node) => {
  const { type, shape } = requiredRank(node, 0, 3)
  const [batch, steps, width] = shape as [Dimension, Dimension, Dimension]
  const heads = headsOf(node)
  const cached = (index: number, past: TypedValue | undefined): Dimension[] => {
    const { shape: fresh } = required(node, index)
    const [length, size] = fresh.length === 4 ? [fresh[2]!, fresh[3]!] : [fresh[1]!, perHead(fresh[2]!, heads)]
    const before = past?.shape[2] ?? 0
    const all = typeof before === 'number' && typeof length === 'number' ? before + length : before === 0 ? length : ''
    return [batch, heads, all, size]
  }
  const values = cached(2, node.inputs[7])
  return [
    { type, shape: [batch, steps, typeof values[3] === 'number' ? values[3] * heads : width] },
    { type, shape: cached(1, node.inputs[6]) },
    { type, shape: values },
  ]
}

const perHead = (size: Dimension, heads: number): Dimension => (typeof size === 'number' ? size / heads : '')

function headsOf(node: NodeSignature): number {
  const heads = intAttribute(node.attributes, 'num_heads', 0)
  if (heads < 1) throw invalid(`${node.op} needs num_heads of 1 or more`)
  return heads
}

/** EmbedLayerNormalization: ids [batch, steps], tables [count, width]; also how long each text is, and the plain sum. */
export const embedLayerNormalization: ShapeRule = (node) => {
  const { shape } = requiredRank(node, 0, 2)
  checkType(node, 0, 'int32')
  const table = requiredRank(node, 2, 2)
  const embedded = { type: table.type, shape: [shape[0]!, shape[1]!, table.shape[1]!] }
  return [embedded, { type: 'int32', shape: [productOf([shape[0]!])] }, embedded]
}
