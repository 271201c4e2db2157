import { createOperations, type TypedValue } from '../../../onnx/index.ts'
import type { Scope } from '../network/scope.ts'
import { expectAxes } from './sizes.ts'
import { type PerAxis, resolveWindow, type WindowOptions, windowAttributes } from './spatial-options.ts'

export interface MaxPoolOptions extends WindowOptions {
  /** Default: the kernel, so that windows lie side by side. */
  readonly stride?: PerAxis
  readonly padding?: PerAxis
}

export interface AveragePoolOptions extends Omit<MaxPoolOptions, 'dilation'> {
  /** Whether the zeros of the padding count in the mean. Default true, as in PyTorch. */
  readonly countPadding?: boolean
}

/** The largest value of each window: [N, channels, length] to [N, channels, length']. */
export function maxPool1d(scope: Scope, x: TypedValue, options: MaxPoolOptions): TypedValue {
  expectAxes(x, 'N, channels, length', `${scope.path}maxPool1d`)
  return maxPool(scope, x, options)
}

/** The largest value of each window: [N, channels, height, width] to [N, channels, height', width']. */
export function maxPool2d(scope: Scope, x: TypedValue, options: MaxPoolOptions): TypedValue {
  expectAxes(x, 'N, channels, height, width', `${scope.path}maxPool2d`)
  return maxPool(scope, x, options)
}

/** The mean of each window: [N, channels, length] to [N, channels, length']. */
export function averagePool1d(scope: Scope, x: TypedValue, options: AveragePoolOptions): TypedValue {
  expectAxes(x, 'N, channels, length', `${scope.path}averagePool1d`)
  return averagePool(scope, x, options)
}

/** The mean of each window: [N, channels, height, width] to [N, channels, height', width']. */
export function averagePool2d(scope: Scope, x: TypedValue, options: AveragePoolOptions): TypedValue {
  expectAxes(x, 'N, channels, height, width', `${scope.path}averagePool2d`)
  return averagePool(scope, x, options)
}

/** The mean of each channel over all places: [N, channels, ...] to [N, channels]. */
export const globalAveragePool = (scope: Scope, x: TypedValue): TypedValue =>
  flattened(scope, scope.graph.node('GlobalAveragePool', [x]))

/** The largest value of each channel over all places: [N, channels, ...] to [N, channels]. */
export const globalMaxPool = (scope: Scope, x: TypedValue): TypedValue =>
  flattened(scope, scope.graph.node('GlobalMaxPool', [x]))

const flattened = (scope: Scope, x: TypedValue): TypedValue => scope.graph.node('Flatten', [x], { axis: { int: 1 } })

function maxPool(scope: Scope, x: TypedValue, options: MaxPoolOptions): TypedValue {
  const window = resolveWindow({ stride: options.kernel, ...options }, x.shape.length - 2, `${scope.path}maxPool`)
  return scope.graph.node('MaxPool', [x], { ...windowAttributes(window), dilations: { ints: window.dilation } })
}

function averagePool(scope: Scope, x: TypedValue, options: AveragePoolOptions): TypedValue {
  const window = resolveWindow({ stride: options.kernel, ...options }, x.shape.length - 2, `${scope.path}averagePool`)
  return scope.graph.node('AveragePool', [x], {
    ...windowAttributes(window),
    count_include_pad: { int: options.countPadding === false ? 0 : 1 },
  })
}

/** The mean over the steps of a sequence: [N, steps, features] to [N, features]. */
export const meanOverSteps = (scope: Scope, x: TypedValue): TypedValue => createOperations(scope.graph).mean(x, [1])
