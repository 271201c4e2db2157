import type { TypedValue } from '../../../onnx/index.ts'
import { fanInUniform, type Initializer } from '../network/initializer.ts'
import type { Scope } from '../network/scope.ts'
import { type Activation, activate } from './activation.ts'
import { divide, expectAxes, fixedSize } from './sizes.ts'
import { resolveWindow, type WindowOptions, windowAttributes } from './spatial-options.ts'

export interface ConvolutionOptions extends WindowOptions {
  /** Channels of the result. */
  readonly channels: number
  /** Channels are divided into this many groups that do not see each other. Default 1. */
  readonly groups?: number
  readonly activation?: Activation
  /** Default true. */
  readonly bias?: boolean
  /** Default: uniform within 1/sqrt(inputs of one output), as PyTorch's Conv. */
  readonly initializer?: Initializer
}

/**
 * Convolution over time: [N, in, length] to [N, channels, length']. Parameters `weight` [channels, in / groups, kernel] and
 * `bias`, laid out as PyTorch's Conv1d.
 */
export function conv1d(scope: Scope, name: string, x: TypedValue, options: ConvolutionOptions): TypedValue {
  expectAxes(x, 'N, channels, length', scope.path + name)
  return convolve(scope, name, x, options)
}

/**
 * Convolution over images: [N, in, height, width] to [N, channels, height', width']. Parameters `weight`
 * [channels, in / groups, height, width] and `bias`, laid out as PyTorch's Conv2d.
 */
export function conv2d(scope: Scope, name: string, x: TypedValue, options: ConvolutionOptions): TypedValue {
  expectAxes(x, 'N, channels, height, width', scope.path + name)
  return convolve(scope, name, x, options)
}

export interface DepthwiseOptions extends Omit<ConvolutionOptions, 'channels' | 'groups'> {
  /** Filters for each channel. Default 1. */
  readonly multiplier?: number
}

/** A convolution of each channel by itself (Howard et al. 2017), over [N, channels, height, width]. */
export function depthwiseConv2d(scope: Scope, name: string, x: TypedValue, options: DepthwiseOptions): TypedValue {
  const { multiplier = 1, ...rest } = options
  const groups = fixedSize(x, 1, scope.path + name)
  return conv2d(scope, name, x, { ...rest, channels: groups * multiplier, groups })
}

function convolve(scope: Scope, name: string, x: TypedValue, options: ConvolutionOptions): TypedValue {
  const layer = scope.path + name
  const { channels, groups = 1 } = options
  const window = resolveWindow(options, x.shape.length - 2, layer)
  const inputs = divide(fixedSize(x, 1, layer), groups, layer, 'input channels')
  divide(channels, groups, layer, 'channels')
  const inner = scope.within(name)
  const weight = inner.parameter('weight', [channels, inputs, ...window.kernel], options.initializer ?? fanInUniform)
  const bias = options.bias === false ? undefined : inner.parameter('bias', [channels], fanInUniform, fanOf(weight))
  const y = scope.graph.node('Conv', bias ? [x, weight, bias] : [x, weight], {
    ...windowAttributes(window),
    dilations: { ints: window.dilation },
    group: { int: groups },
  })
  return activate(scope.graph, y, options.activation)
}

/** A bias starts within the bounds of the weights beside it. */
export function fanOf({ shape }: TypedValue): { fanIn: number; fanOut: number } {
  const fanIn = shape.slice(1).reduce<number>((product, size) => product * Number(size), 1)
  return { fanIn, fanOut: Number(shape[0]) }
}
