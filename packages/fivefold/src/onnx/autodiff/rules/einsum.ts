import { stringAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import { fixedShape, type TypedNode, type TypedValue } from '../../graph/typed-value.ts'
import { parseEquation } from '../../operators/shapes/einsum.ts'
import type { GradientRule } from '../gradient-rule.ts'

/**
 * The derivative of a sum of products in one factor is the sum of products of dy with the others, summed over the letters that
 * the factor lacks. Letters that only this factor has were summed: their gradient repeats. A letter that stands twice takes the
 * diagonal: elsewhere the gradient is zero.
 */
export const einsum: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const { operands, result } = withoutEllipses(node)
  return operands.map((term, i) =>
    needs(i) ? factorGradient(node, { operands, result }, term, i, dy!, ops) : undefined,
  )
}

interface Equation {
  readonly operands: readonly string[]
  readonly result: string
}

/** Gives the axes of ellipses letters of their own, aligned at the right. */
function withoutEllipses(node: TypedNode): Equation {
  const { operands, result } = parseEquation(stringAttribute(node.attributes, 'equation', ''))
  const used = new Set([...operands.join(''), ...result])
  const free = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'].filter((letter) => !used.has(letter))
  const ranks = operands.map((term, i) => (term.includes('.') ? node.inputs[i]!.shape.length - (term.length - 1) : 0))
  const longest = Math.max(0, ...ranks)
  const letters = free.slice(0, longest).join('')
  return {
    operands: operands.map((term, i) => term.replace('.', letters.slice(longest - ranks[i]!))),
    result: result.replace('.', letters),
  }
}

function factorGradient(
  node: TypedNode,
  { operands, result }: Equation,
  term: string,
  index: number,
  dy: TypedValue,
  ops: Operations,
): TypedValue {
  const x = node.inputs[index]!
  const others = operands.filter((_, i) => i !== index)
  const known = new Set([...others.join(''), ...result])
  const distinct = [...new Set(term)]
  const available = distinct.filter((letter) => known.has(letter)).join('')
  const values = [...node.inputs.filter((_, i) => i !== index), dy]
  const equation = `${[...others, result].join(',')}->${available}`
  const product = ops.node('Einsum', values, { equation: { string: equation } })
  return ops.sumTo(ontoTerm(product, available, term, node, operands, ops), x.shape)
}

/** Brings a value with the letters `available` to the axes of `term`. */
function ontoTerm(
  value: TypedValue,
  available: string,
  term: string,
  node: TypedNode,
  operands: readonly string[],
  ops: Operations,
): TypedValue {
  const sizeOf = (letter: string): number =>
    Math.max(
      ...operands.flatMap((other, i) =>
        [...other].flatMap((l, axis) => (l === letter ? [fixedShape(node.inputs[i]!)[axis]!] : [])),
      ),
    )
  const first = (axis: number): boolean => term.indexOf(term[axis]!) === axis
  const shape = [...term].map((letter, axis) => (first(axis) && available.includes(letter) ? sizeOf(letter) : 1))
  const full = [...term].map(sizeOf)
  const wide = ops.node('Expand', [ops.reshape(value, shape), ops.ints(full)])
  return [...term].reduce((result, letter, axis) => {
    if (first(axis)) return result
    const size = sizeOf(letter)
    const eye = ops.node('EyeLike', [ops.zeros([size, size], value.type)])
    const at = [term.indexOf(letter), axis]
    return ops.mul(
      result,
      ops.reshape(
        eye,
        full.map((_, i) => (at.includes(i) ? size : 1)),
      ),
    )
  }, wide)
}
