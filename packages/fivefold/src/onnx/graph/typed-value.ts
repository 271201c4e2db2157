import { FivefoldError } from '../../core/index.ts'
import type { OperatorName } from '../operators/catalogue.ts'
import type { Dimension, ElementType, TensorLiteral } from '../tensor.ts'
import type { Attributes } from './attribute.ts'

/** A value whose type and shape are known, and its content where that depends on nothing that is fed. */
export interface TypedValue {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly Dimension[]
  readonly constant?: TensorLiteral
}

/** What inference says of a node's output. */
export interface ValueType {
  readonly type: ElementType
  readonly shape: readonly Dimension[]
}

/** A node between typed values. */
export interface TypedNode {
  readonly name: string
  readonly op: OperatorName
  readonly attributes: Attributes
  /** An absent optional input is undefined; none follow the last that is there. */
  readonly inputs: readonly (TypedValue | undefined)[]
  /** An output that nobody asked for is undefined. */
  readonly outputs: readonly (TypedValue | undefined)[]
}

/** What a shape rule sees of a node. */
export interface NodeSignature {
  readonly op: OperatorName
  readonly attributes: Attributes
  readonly inputs: readonly (TypedValue | undefined)[]
  /** How many outputs are wanted: some operators make as many as are listed (Split). */
  readonly outputCount: number
  readonly opset: number
}

/** The input at `index`. Throws GRAPH_INVALID where it is absent. */
export function required(node: Pick<NodeSignature, 'op' | 'inputs'>, index: number): TypedValue {
  const input = node.inputs[index]
  if (input === undefined) throw new FivefoldError('GRAPH_INVALID', `${node.op} needs an input ${index}`)
  return input
}

/** The shape where every size is known. Throws GRAPH_UNSUPPORTED naming the value and the size that is not. */
export function fixedShape(value: Pick<TypedValue, 'name' | 'shape'>): readonly number[] {
  const open = value.shape.find((size) => typeof size === 'string')
  if (open === undefined) return value.shape as readonly number[]
  throw new FivefoldError(
    'GRAPH_UNSUPPORTED',
    `the size '${open}' of '${value.name}' [${value.shape.join(', ')}] must be fixed here: bind it to a number`,
  )
}

/** The integers of a constant int64 or int32 input such as axes; undefined where it is absent or not constant. */
export function constantInts(value: TypedValue | undefined): number[] | undefined {
  const { constant } = value ?? {}
  if (constant?.type === 'int64') return Array.from(constant.data, Number)
  return constant?.type === 'int32' ? Array.from(constant.data) : undefined
}
