import type { NodeSignature, ValueType } from '../../graph/typed-value.ts'

/** Type and shape of each output of a node. Throws GRAPH_INVALID where the inputs do not fit the operator. */
export type ShapeRule = (node: NodeSignature) => readonly ValueType[]
