import { intAttribute, intsAttribute, stringAttribute } from '../graph/attribute.ts'
import { fixedShape, type TypedNode } from '../graph/typed-value.ts'

/** How a convolution or pool lays its window over the spatial axes; one entry for each of them. */
export interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly before: readonly number[]
  readonly after: readonly number[]
  /** Sizes of what the window slides over, and of what it makes. */
  readonly input: readonly number[]
  readonly output: readonly number[]
}

/**
 * The window of a node that slides over input 0. For ConvTranspose, whose output is what the window slides over, `input` and
 * `output` change places.
 */
export function windowOf(node: TypedNode, kernelShape: readonly number[]): Window {
  const isTransposed = node.op === 'ConvTranspose'
  const small = fixedShape(isTransposed ? node.inputs[0]! : node.outputs[0]!).slice(2)
  const large = fixedShape(isTransposed ? node.outputs[0]! : node.inputs[0]!).slice(2)
  const kernel = intsAttribute(node.attributes, 'kernel_shape', [...kernelShape])
  const strides = intsAttribute(
    node.attributes,
    'strides',
    kernel.map(() => 1),
  )
  const dilations = intsAttribute(
    node.attributes,
    'dilations',
    kernel.map(() => 1),
  )
  const auto = stringAttribute(node.attributes, 'auto_pad', 'NOTSET')
  const pads =
    auto.startsWith('SAME') || (isTransposed && node.attributes.output_shape !== undefined)
      ? fittingPads(kernel, strides, dilations, small, large, auto, node)
      : intsAttribute(
          node.attributes,
          'pads',
          kernel.flatMap(() => [0, 0]),
        )
  return {
    kernel,
    strides,
    dilations,
    before: pads.slice(0, kernel.length),
    after: pads.slice(kernel.length),
    input: large,
    output: small,
  }
}

/** Pads that make the sizes fit: an odd one goes behind (SAME_UPPER) or before (SAME_LOWER). */
function fittingPads(
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  small: readonly number[],
  large: readonly number[],
  auto: string,
  node: TypedNode,
): number[] {
  const extra = intsAttribute(
    node.attributes,
    'output_padding',
    kernel.map(() => 0),
  )
  const totals = kernel.map((size, i) => {
    const reach = (small[i]! - 1) * strides[i]! + (size - 1) * dilations[i]! + 1
    return Math.max(0, reach + extra[i]! - large[i]!)
  })
  // ConvTranspose puts the odd one before unless SAME_UPPER asks otherwise, as Conv does with SAME_LOWER.
  const isBehind = auto === 'SAME_UPPER'
  const before = totals.map((total) => (isBehind ? Math.floor(total / 2) : Math.ceil(total / 2)))
  return [...before, ...totals.map((total, i) => total - before[i]!)]
}

export const groupsOf = (node: TypedNode): number => intAttribute(node.attributes, 'group', 1)

/** The window as attributes of Conv, ConvTranspose and pools. */
export const windowAttributes = ({ kernel, strides, dilations, before, after }: Omit<Window, 'input' | 'output'>) => ({
  kernel_shape: { ints: kernel },
  strides: { ints: strides },
  dilations: { ints: dilations },
  pads: { ints: [...before, ...after] },
})

/** What ConvTranspose must add behind each axis to come back to the size that the window slid over. */
export const outputPadding = ({ kernel, strides, dilations, before, after, input, output }: Window): number[] =>
  kernel.map((size, i) => {
    const reach = (output[i]! - 1) * strides[i]! + (size - 1) * dilations[i]! + 1
    return input[i]! - (reach - before[i]! - after[i]!)
  })
