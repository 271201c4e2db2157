import { intsAttribute, stringAttribute } from '../../graph/attribute.ts'
import { constantInts, type NodeSignature, required, type TypedValue } from '../../graph/typed-value.ts'
import type { Dimension } from '../../tensor.ts'
import { frontAxes } from '../dimensions.ts'
import { invalid } from '../graph-errors.ts'
import type { ShapeRule } from './shape-rule.ts'

/** Resize: X, roi, scales, sizes; exactly one of scales and sizes, over all axes or those that `axes` names. */
export const resize: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  const axes = frontAxes(intsAttribute(node.attributes, 'axes', [...shape.keys()]), shape.length)
  const sizes = [...shape]
  const resized = resizedAxes(node, axes)
  axes.forEach((axis, i) => {
    sizes[axis] = resized[i]!
  })
  return [{ type, shape: sizes }]
}

function resizedAxes(node: NodeSignature, axes: readonly number[]): readonly Dimension[] {
  const [scales, wanted] = [given(node.inputs[2]), given(node.inputs[3])]
  if ((scales === undefined) === (wanted === undefined)) throw invalid('Resize takes either scales or sizes')
  const from = axes.map((axis) => required(node, 0).shape[axis]!)
  return wanted ? sizesFrom(node, wanted, from) : scaledSizes(node, scales!, from)
}

/** Old exporters write an empty list for an input that is not there. */
const given = (input: TypedValue | undefined): TypedValue | undefined => (input?.shape[0] === 0 ? undefined : input)

function scaledSizes(node: NodeSignature, scales: TypedValue, from: readonly Dimension[]): readonly Dimension[] {
  const { constant } = scales
  if (constant?.type !== 'float') return from.map(() => '')
  checkCount(node, 'scales', constant.data.length, from.length)
  return from.map((size, i) => {
    const scale = constant.data[i]!
    if (typeof size === 'string') return scale === 1 ? size : ''
    return Math.floor(Math.fround(size * scale))
  })
}

/** `keep_aspect_ratio_policy` takes one scale for all axes: the smallest or the largest that the sizes ask for. */
function sizesFrom(node: NodeSignature, wanted: TypedValue, from: readonly Dimension[]): readonly Dimension[] {
  const sizes = constantInts(wanted)
  if (sizes === undefined) return from.map(() => '')
  checkCount(node, 'sizes', sizes.length, from.length)
  const policy = stringAttribute(node.attributes, 'keep_aspect_ratio_policy', 'stretch')
  if (policy === 'stretch') return sizes
  const ratios = from.map((size, i) => (typeof size === 'string' ? Number.NaN : sizes[i]! / size))
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios)
  return from.map((size) => (Number.isNaN(scale) || typeof size === 'string' ? '' : Math.round(size * scale)))
}

function checkCount(node: NodeSignature, what: string, got: number, wanted: number): void {
  if (got !== wanted) throw invalid(`${node.op} needs ${wanted} ${what}, got ${got}`)
}
