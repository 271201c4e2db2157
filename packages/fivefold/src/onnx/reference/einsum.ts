import { stringAttribute } from '../graph/attribute.ts'
import { elementCount } from '../tensor.ts'
import { fromNumbers, numbersOf } from './element-values.ts'
import { inputAt, invalid, type Kernel } from './kernel.ts'
import { stridedPositions, stridesOf } from './strided-positions.ts'

interface Term {
  /** One label an axis; axes of the ellipsis are labelled by their place from the end. */
  readonly labels: readonly string[]
  readonly shape: readonly number[]
}

/** Sums products over every label that the output lacks: all labels are one big loop, each operand strides through it. */
export const einsum: Kernel = (call) => {
  const equation = stringAttribute(call.attributes, 'equation', '').replaceAll(' ', '')
  const [left = '', right] = equation.split('->')
  const operands = call.inputs.map((_, i) => inputAt(call, i))
  const terms = left.split(',').map((text, i) => ({
    labels: labelsOf(text, operands[i]?.shape.length ?? 0),
    shape: operands[i]?.shape ?? [],
  }))
  if (terms.length !== operands.length) throw invalid(`'${equation}' has ${terms.length} terms`)
  const sizes = labelSizes(terms)
  const output = right === undefined ? impliedOutput(terms) : labelsOf(right, undefined, ellipsisOf(terms))
  const summed = [...sizes.keys()].filter((label) => !output.includes(label))
  const loop = [...output, ...summed]
  const shape = loop.map((label) => sizes.get(label)!)
  const walks = terms.map((term) =>
    stridedPositions(
      shape,
      loop.map((label) => strideOf(term, label)),
    ),
  )
  const values = operands.map(numbersOf)
  const outputShape = shape.slice(0, output.length)
  const totals = new Float64Array(elementCount(outputShape))
  const perOutput = elementCount(shape.slice(output.length))
  for (let i = 0; i < totals.length * perOutput; i++) {
    totals[Math.floor(i / perOutput)]! += values.reduce((product, value, t) => product * value[walks[t]![i]!]!, 1)
  }
  return [fromNumbers(operands[0]!.type, outputShape, totals)]
}

function labelsOf(text: string, rank: number | undefined, ellipsis: readonly string[] = []): string[] {
  const [before = '', after] = text.split('...')
  if (after === undefined) return [...before]
  const hidden = rank === undefined ? ellipsis.length : rank - before.length - after.length
  return [...before, ...Array.from({ length: hidden }, (_, i) => `.${hidden - i}`), ...after]
}

const isHidden = (label: string): boolean => label.startsWith('.')

/** Labels of all axes that an ellipsis stands for, outermost first. */
function ellipsisOf(terms: readonly Term[]): string[] {
  const labels = new Set(terms.flatMap((term) => term.labels.filter(isHidden)))
  return [...labels].sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)))
}

/** Without an arrow the output has the labels that occur once, in the order of the alphabet. */
function impliedOutput(terms: readonly Term[]): string[] {
  const all = terms.flatMap((term) => term.labels.filter((label) => !isHidden(label)))
  const once = [...new Set(all)].filter((label) => all.indexOf(label) === all.lastIndexOf(label))
  return [...ellipsisOf(terms), ...once.sort()]
}

function labelSizes(terms: readonly Term[]): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const { labels, shape } of terms) {
    if (labels.length !== shape.length) throw invalid(`the labels '${labels.join('')}' do not fit [${shape}]`)
    labels.forEach((label, axis) => {
      const known = sizes.get(label) ?? 1
      if (known !== 1 && shape[axis] !== 1 && known !== shape[axis]) throw invalid(`label '${label}' has two sizes`)
      sizes.set(label, Math.max(known, shape[axis]!))
    })
  }
  return sizes
}

/** A label that occurs twice in a term walks its diagonal; an axis of size 1 is broadcast. */
function strideOf({ labels, shape }: Term, label: string): number {
  const strides = stridesOf(shape)
  return labels.reduce((sum, own, axis) => sum + (own === label && shape[axis] !== 1 ? strides[axis]! : 0), 0)
}
