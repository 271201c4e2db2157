import { stringAttribute } from '../../graph/attribute.ts'
import { type NodeSignature, required } from '../../graph/typed-value.ts'
import type { Dimension } from '../../tensor.ts'
import { broadcastShapes } from '../dimensions.ts'
import { invalid } from '../graph-errors.ts'
import { checkOneType } from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'

/** The letters of each operand of an Einsum equation and of its result; '.' stands for the axes of an ellipsis. */
export interface EinsumEquation {
  readonly operands: readonly string[]
  readonly result: string
}

/** Without `->` the result has the letters that come once, in alphabetical order, behind the ellipsis (numpy.einsum). */
export function parseEquation(text: string): EinsumEquation {
  const [left, right] = text.replaceAll(/\s/g, '').replaceAll('...', '.').split('->')
  const operands = left!.split(',')
  const valid = [...operands, right ?? ''].every((term) => /^[A-Za-z]*\.?[A-Za-z]*$/.test(term))
  if (!valid) throw invalid(`Einsum cannot read the equation '${text}'`)
  if (right !== undefined) return { operands, result: right }
  const letters = operands.join('').replaceAll('.', '')
  const once = [...letters].filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort()
  return { operands, result: `${left!.includes('.') ? '.' : ''}${once.join('')}` }
}

export const einsum: ShapeRule = (node) => {
  checkOneType(node, node.inputs.keys())
  const { operands, result } = parseEquation(stringAttribute(node.attributes, 'equation', ''))
  if (operands.length !== node.inputs.length)
    throw invalid(`Einsum has ${operands.length} terms for ${node.inputs.length} inputs`)
  const sizes = sizesOfLetters(node, operands)
  const ellipsis = ellipsisShape(node, operands)
  const shape = [...result].flatMap((letter) => (letter === '.' ? ellipsis : sizeOf(sizes, letter)))
  return [{ type: required(node, 0).type, shape }]
}

function sizeOf(sizes: ReadonlyMap<string, Dimension>, letter: string): Dimension {
  const size = sizes.get(letter)
  if (size === undefined) throw invalid(`Einsum's result has '${letter}', which no input has`)
  return size
}

function sizesOfLetters(node: NodeSignature, operands: readonly string[]): Map<string, Dimension> {
  const sizes = new Map<string, Dimension>()
  operands.forEach((term, index) => {
    const { shape } = required(node, index)
    const [front, back] = term.split('.')
    const letters = [...front!].map((letter, at): [string, number] => [letter, at])
    const rear = [...(back ?? '')].map((letter, at): [string, number] => [letter, shape.length - back!.length + at])
    if (letters.length + rear.length > shape.length || (back === undefined && letters.length < shape.length))
      throw invalid(`Einsum's term '${term}' does not fit a tensor of rank ${shape.length}`)
    for (const [letter, axis] of [...letters, ...rear])
      sizes.set(letter, broadcastShapes([sizes.get(letter) ?? 1], [shape[axis]!])[0]!)
  })
  return sizes
}

function ellipsisShape(node: NodeSignature, operands: readonly string[]): Dimension[] {
  const shapes = operands.flatMap((term, index) => {
    if (!term.includes('.')) return []
    const { shape } = required(node, index)
    const [front, back] = term.split('.')
    return [shape.slice(front!.length, shape.length - back!.length)]
  })
  return broadcastShapes(...shapes)
}
