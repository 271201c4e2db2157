import type { TypedValue } from '../../../onnx/index.ts'
import { fanInUniform } from '../network/initializer.ts'
import type { Scope } from '../network/scope.ts'
import { activate } from './activation.ts'
import { type ConvolutionOptions, fanOf } from './convolution.ts'
import { divide, expectAxes, fixedSize } from './sizes.ts'
import { type PerAxis, perAxis, resolveWindow, windowAttributes } from './spatial-options.ts'

export interface TransposedConvolutionOptions extends ConvolutionOptions {
  /** Cuts this much off every side of the result. Default 0. */
  readonly padding?: PerAxis
  /** Sizes added at the end of each axis, since several input sizes give the same output size. Default 0. */
  readonly outputPadding?: PerAxis
}

/**
 * Transposed convolution over time: [N, in, length] to [N, channels, length']. Parameters `weight`
 * [in, channels / groups, kernel] and `bias`, laid out as PyTorch's ConvTranspose1d.
 */
export function convTranspose1d(
  scope: Scope,
  name: string,
  x: TypedValue,
  options: TransposedConvolutionOptions,
): TypedValue {
  expectAxes(x, 'N, channels, length', scope.path + name)
  return convolveTransposed(scope, name, x, options)
}

/**
 * Transposed convolution over images, which enlarges them by its stride. Parameters `weight`
 * [in, channels / groups, height, width] and `bias`, laid out as PyTorch's ConvTranspose2d.
 */
export function convTranspose2d(
  scope: Scope,
  name: string,
  x: TypedValue,
  options: TransposedConvolutionOptions,
): TypedValue {
  expectAxes(x, 'N, channels, height, width', scope.path + name)
  return convolveTransposed(scope, name, x, options)
}

function convolveTransposed(
  scope: Scope,
  name: string,
  x: TypedValue,
  options: TransposedConvolutionOptions,
): TypedValue {
  const layer = scope.path + name
  const { channels, groups = 1 } = options
  const axes = x.shape.length - 2
  const window = resolveWindow(options, axes, layer)
  const inputs = fixedSize(x, 1, layer)
  divide(inputs, groups, layer, 'input channels')
  const inner = scope.within(name)
  const shape = [inputs, divide(channels, groups, layer, 'channels'), ...window.kernel]
  const weight = inner.parameter('weight', shape, options.initializer ?? fanInUniform)
  const bias = options.bias === false ? undefined : inner.parameter('bias', [channels], fanInUniform, fanOf(weight))
  const y = scope.graph.node('ConvTranspose', bias ? [x, weight, bias] : [x, weight], {
    ...windowAttributes(window),
    dilations: { ints: window.dilation },
    group: { int: groups },
    output_padding: { ints: perAxis(options.outputPadding ?? 0, axes, layer, 'output padding', 0) },
  })
  return activate(scope.graph, y, options.activation)
}
