import { intAttribute, intsAttribute } from '../graph/attribute.ts'
import type { OnnxNode } from '../graph/model.ts'
import type { ModelIndex } from './model-index.ts'
import { identityOf, type Rewrite } from './rewrite.ts'

/** The node that makes the first input, where it is of the same kind. */
function sameBefore(node: OnnxNode, op: string, index: ModelIndex): OnnxNode | undefined {
  if (node.op !== op || node.domain !== '') return undefined
  const before = index.makerOf(node.inputs[0]!)
  return before?.op === op && before.domain === '' ? before : undefined
}

/** Two orders of axes are one, or none where the second undoes the first. */
export const joinTransposes: Rewrite = (node, index) => {
  const before = sameBefore(node, 'Transpose', index)
  const first = before && intsAttribute(before.attributes, 'perm', undefined)
  const second = intsAttribute(node.attributes, 'perm', undefined)
  if (!before || !first || !second || first.length !== second.length) return undefined
  const order = second.map((axis) => first[axis]!)
  const source = before.inputs[0]!
  if (order.every((axis, i) => axis === i)) return { node: identityOf(node, source) }
  return { node: { ...node, inputs: [source], attributes: { perm: { ints: order } } } }
}

/** The last shape counts, unless it copies sizes of the one before. */
export const joinReshapes: Rewrite = (node, index) => {
  const before = sameBefore(node, 'Reshape', index)
  const shape = index.contentOf(node.inputs[1])
  if (!before || shape?.type !== 'int64' || shape.data.includes(0n)) return undefined
  return { node: { ...node, inputs: [before.inputs[0]!, node.inputs[1]!] } }
}

/** A second cast to the same type does nothing. */
export const joinCasts: Rewrite = (node, index) => {
  const before = sameBefore(node, 'Cast', index)
  if (!before || intAttribute(before.attributes, 'to', 0) !== intAttribute(node.attributes, 'to', 0)) return undefined
  return { node: identityOf(node, before.outputs[0]!) }
}

/** Dropout that does not train gives its input. */
export const skipDropout: Rewrite = (node, index) => {
  if (node.op !== 'Dropout' || node.domain !== '' || node.outputs.slice(1).some((name) => name !== '')) return undefined
  const training = node.inputs[2] ?? ''
  const content = index.contentOf(training)
  if (training !== '' && (content?.type !== 'bool' || content.data[0] !== 0)) return undefined
  return { node: identityOf(node, node.inputs[0]!) }
}
