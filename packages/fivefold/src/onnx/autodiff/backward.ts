import { FivefoldError } from '../../core/index.ts'
import { createOperations, type Operations } from '../graph/operations.ts'
import type { TypedGraph } from '../graph/typed-graph.ts'
import { fixedShape, type TypedNode, type TypedValue } from '../graph/typed-value.ts'
import { elementCount } from '../tensor.ts'
import type { GradientRule } from './gradient-rule.ts'
import { GRADIENT_RULES } from './rules/gradient-rules.ts'

/**
 * Reverse-mode differentiation (Griewank & Walther, Evaluating Derivatives, 2008, chapter 3): walks the nodes of `graph` from
 * `loss` to `wrt` and writes the gradient nodes into the same graph. Operators that are differentiated in another form (fused
 * and recurrent ones, normalizations that keep their statistics) are replaced by it in `graph.nodes`; values keep their names.
 *
 * @param loss a value with one element
 * @returns dLoss/dValue for each of `wrt`, each in the shape of its value; undefined where the loss does not depend on it
 * @throws GRAPH_INVALID where the loss has more than one element
 * @throws GRAPH_UNSUPPORTED naming the node whose operator cannot be differentiated as it stands, or a size that is not fixed
 */
export function writeGradients(
  graph: TypedGraph,
  loss: TypedValue,
  wrt: readonly TypedValue[],
): readonly (TypedValue | undefined)[] {
  if (elementCount(fixedShape(loss)) !== 1)
    throw new FivefoldError(
      'GRAPH_INVALID',
      `the loss '${loss.name}' must be one number, got [${loss.shape.join(', ')}]`,
    )
  const ops = createOperations(graph)
  const tape = recordTape(ops, loss, wrt)
  const active = dependents(
    tape.map(({ node }) => node),
    wrt,
  )
  const gradients = createAccumulator(ops)
  gradients.add(loss, ops.scalar(1, loss, fixedShape(loss)))
  for (const step of tape.toReversed()) backThrough(ops, step, active, gradients)
  return wrt.map((value) => gradients.of(value))
}

/** A step of the forward pass and how to go back through it. */
interface TapeStep {
  readonly node: TypedNode
  readonly rule: GradientRule
}

/** The nodes between `wrt` and `loss` with their rules; those that want another form are rewritten first. */
function recordTape(ops: Operations, loss: TypedValue, wrt: readonly TypedValue[]): TapeStep[] {
  const nodes = [...ops.graph.nodes]
  const active = dependents(nodes, wrt)
  const wanted = sources(nodes, loss)
  const isBetween = (node: TypedNode): boolean =>
    node.outputs.some((output) => output !== undefined && active.has(output.name) && wanted.has(output.name))
  return nodes.filter(isBetween).flatMap((node) => stepsOf(ops, node))
}

function stepsOf(ops: Operations, node: TypedNode): TapeStep[] {
  const entry = GRADIENT_RULES[node.op]
  if (typeof entry === 'function') return [{ node, rule: entry }]
  let gradient: GradientRule | undefined
  const written = ops.graph.replace(node, () => {
    const rewritten = entry.rewrite({ node, graph: ops.graph, ops })
    gradient = rewritten.gradient
    return rewritten.outputs
  })
  return gradient === undefined ? written.flatMap((part) => stepsOf(ops, part)) : [{ node, rule: gradient }]
}

/** Names of the values that change when one of `wrt` does. */
function dependents(nodes: readonly TypedNode[], wrt: readonly TypedValue[]): ReadonlySet<string> {
  const active = new Set(wrt.map(({ name }) => name))
  for (const { inputs, outputs } of nodes) {
    if (!inputs.some((input) => input !== undefined && active.has(input.name))) continue
    for (const output of outputs) if (output !== undefined && isReal(output)) active.add(output.name)
  }
  return active
}

/** Names of the values that `loss` is computed from, itself among them. */
function sources(nodes: readonly TypedNode[], loss: TypedValue): ReadonlySet<string> {
  const wanted = new Set([loss.name])
  for (const { inputs, outputs } of nodes.toReversed()) {
    if (!outputs.some((output) => output !== undefined && wanted.has(output.name))) continue
    for (const input of inputs) if (input !== undefined) wanted.add(input.name)
  }
  return wanted
}

/** Integers, truth values and texts have no derivative. */
const isReal = ({ type }: TypedValue): boolean => type === 'float' || type === 'double' || type === 'float16'

interface GradientAccumulator {
  of(value: TypedValue): TypedValue | undefined
  add(value: TypedValue, gradient: TypedValue): void
}

/** A value that is read in several places receives the sum of what comes back from them. */
function createAccumulator(ops: Operations): GradientAccumulator {
  const sums = new Map<string, TypedValue>()
  return {
    of: (value) => sums.get(value.name),
    add(value, gradient) {
      const sum = sums.get(value.name)
      sums.set(value.name, sum === undefined ? gradient : ops.add(sum, gradient))
    },
  }
}

function backThrough(
  ops: Operations,
  { node, rule }: TapeStep,
  active: ReadonlySet<string>,
  gradients: GradientAccumulator,
): void {
  const outputGradients = node.outputs.map((output) => output && gradients.of(output))
  const needs = (index: number): boolean => {
    const input = node.inputs[index]
    return input !== undefined && active.has(input.name)
  }
  if (outputGradients.every((gradient) => gradient === undefined) || !node.inputs.some((_, i) => needs(i))) return
  rule({ node, outputGradients, needs, graph: ops.graph, ops }).forEach((gradient, i) => {
    if (gradient !== undefined && needs(i)) gradients.add(node.inputs[i]!, gradient)
  })
}
