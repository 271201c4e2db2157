import { floatAttribute, intAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import type { TypedValue } from '../../graph/typed-value.ts'
import type { Rewrite } from '../gradient-rule.ts'

const gelu = (x: TypedValue, approximate: 'none' | 'tanh', ops: Operations): TypedValue =>
  ops.node('Gelu', [x], { approximate: { string: approximate } })

const biased = (x: TypedValue, bias: TypedValue | undefined, ops: Operations): TypedValue =>
  bias === undefined ? x : ops.add(x, bias)

export const contributedGelu: Rewrite = ({ node, ops }) => ({ outputs: [gelu(node.inputs[0]!, 'none', ops)] })

export const biasGelu: Rewrite = ({ node, ops }) => ({
  outputs: [gelu(biased(node.inputs[0]!, node.inputs[1], ops), 'none', ops)],
})

export const fastGelu: Rewrite = ({ node, ops }) => ({
  outputs: [gelu(biased(node.inputs[0]!, node.inputs[1], ops), 'tanh', ops)],
})

/** x sigmoid(alpha x) */
export const quickGelu: Rewrite = ({ node, ops }) => {
  const x = node.inputs[0]!
  const alpha = floatAttribute(node.attributes, 'alpha', 1.702)
  return { outputs: [ops.mul(x, ops.node('Sigmoid', [ops.scale(x, alpha)]))] }
}

/** LayerNormalization of input + skip + bias; the sum is the fourth output. */
export const skipLayerNormalization: Rewrite = ({ node, ops, graph }) => {
  const [input, skip, scale, shift, bias] = node.inputs
  const sum = biased(ops.add(input!, skip!), bias, ops)
  const epsilon = { float: floatAttribute(node.attributes, 'epsilon', 1e-12) }
  const outputs = graph.nodeWithOutputs('LayerNormalization', 3, [sum, scale, ...(shift ? [shift] : [])], { epsilon })
  return { outputs: [...outputs, sum] }
}

/** alpha A' B', where A' may have its batch behind its rows (transBatchA) and its last two axes swapped (transA). */
export const fusedMatMul: Rewrite = ({ node, ops }) => {
  const flag = (name: string): boolean => intAttribute(node.attributes, name, 0) !== 0
  const oriented = (value: TypedValue, swap: boolean, rotate: boolean): TypedValue => {
    const axes = [...value.shape.keys()]
    if (axes.length < 2) return value
    if (rotate) axes.splice(axes.length - 2, 0, axes.shift()!)
    if (swap) axes.push(axes.splice(axes.length - 2, 1)[0]!)
    return ops.transpose(value, axes)
  }
  const a = oriented(node.inputs[0]!, flag('transA'), flag('transBatchA'))
  const b = oriented(node.inputs[1]!, flag('transB'), flag('transBatchB'))
  return { outputs: [ops.scale(ops.matMul(a, b), floatAttribute(node.attributes, 'alpha', 1))] }
}

/** Embeddings of words, positions and segments, summed and normalized. */
export const embedLayerNormalization: Rewrite = ({ node, ops, graph }) => {
  const [ids, segments, words, positions, segmentTable, scale, shift, mask, positionIds] = node.inputs
  const look = (table: TypedValue, indices: TypedValue): TypedValue =>
    ops.node('Gather', [table, indices], { axis: { int: 0 } })
  const steps = ids!.shape[1]!
  const ofPositions = (): TypedValue =>
    positionIds
      ? look(positions!, positionIds)
      : ops.slice(positions!, [{ axis: 0, start: 0, end: typeof steps === 'number' ? steps : Number.NaN }])
  const sum = ops.add(look(words!, ids!), ofPositions())
  const whole = segments && segmentTable ? ops.add(sum, look(segmentTable, segments)) : sum
  const epsilon = { float: floatAttribute(node.attributes, 'epsilon', 1e-12) }
  const y = graph.node('LayerNormalization', [whole, scale, shift], { epsilon })
  const lengths = (): TypedValue =>
    mask
      ? ops.node('ReduceSum', [mask, ops.ints([1])], { keepdims: { int: 0 } })
      : ops.cast(ops.zeros([Number(ids!.shape[0])], 'float'), 'int32')
  return { outputs: [y, node.outputs[1] && lengths(), whole] }
}
