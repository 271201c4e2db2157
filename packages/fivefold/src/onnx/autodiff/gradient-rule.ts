import type { Operations } from '../graph/operations.ts'
import type { TypedGraph } from '../graph/typed-graph.ts'
import type { TypedNode, TypedValue } from '../graph/typed-value.ts'

/** What a gradient rule sees of a node on the way back. */
export interface GradientCall {
  readonly node: TypedNode
  /** dLoss/dOutput for each output; undefined where the loss does not depend on it. At least one is there. */
  readonly outputGradients: readonly (TypedValue | undefined)[]
  /** Whether anybody asks for the gradient of this input: what nobody wants need not be built. */
  needs(inputIndex: number): boolean
  /** Where the nodes of the backward pass are written. */
  readonly graph: TypedGraph
  readonly ops: Operations
}

/** Writes dLoss/dInput for each input, in the shape of that input; undefined where it is zero or nobody needs it. */
export type GradientRule = (call: GradientCall) => readonly (TypedValue | undefined)[]

/** For operators that are flat almost everywhere or whose inputs are indices, shapes and truth values. */
export const NO_GRADIENT: GradientRule = () => []

/**
 * Writes other nodes for an operator before it is differentiated: its parts, or a form that leaves behind what the backward
 * pass needs. The loss runs through these nodes afterwards.
 */
export type Rewrite = (call: RewriteCall) => Rewritten

export interface RewriteCall {
  readonly node: TypedNode
  readonly graph: TypedGraph
  readonly ops: Operations
}

export interface Rewritten {
  /** What takes the place of the node's outputs. */
  readonly outputs: readonly (TypedValue | undefined)[]
  /** The derivative of the whole; without it the written nodes are differentiated one by one. */
  readonly gradient?: GradientRule
}

/** How an operator is differentiated. */
export type Differentiation = GradientRule | { readonly rewrite: Rewrite }
