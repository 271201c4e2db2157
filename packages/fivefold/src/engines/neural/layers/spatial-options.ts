import { FivefoldError } from '../../../core/index.ts'
import type { Attributes } from '../../../onnx/index.ts'

/** One number for every spatial axis, or one for each. */
export type PerAxis = number | readonly number[]

/** Zeros before and after each axis; 'same' keeps the size (stride 1 only, as in PyTorch), 'valid' adds none. */
export type Padding = PerAxis | 'same' | 'valid'

/** A window that moves over the spatial axes. */
export interface WindowOptions {
  readonly kernel: PerAxis
  /** Default 1. */
  readonly stride?: PerAxis
  /** Default 0. */
  readonly padding?: Padding
  /** Distance between the elements of a window. Default 1. */
  readonly dilation?: PerAxis
}

/** A window with a number for each axis. */
export interface Window {
  readonly kernel: readonly number[]
  readonly stride: readonly number[]
  readonly dilation: readonly number[]
  /** Before every axis, then after every axis. */
  readonly pads: readonly number[]
}

/** @throws OPTION_INVALID naming the layer */
export function resolveWindow(options: WindowOptions, axes: number, layer: string): Window {
  const kernel = perAxis(options.kernel, axes, layer, 'kernel', 1)
  const stride = perAxis(options.stride ?? 1, axes, layer, 'stride', 1)
  const dilation = perAxis(options.dilation ?? 1, axes, layer, 'dilation', 1)
  return { kernel, stride, dilation, pads: padsOf(options.padding ?? 0, { kernel, stride, dilation }, layer) }
}

function padsOf(padding: Padding, window: Omit<Window, 'pads'>, layer: string): readonly number[] {
  const { kernel, stride, dilation } = window
  if (padding === 'valid') return [...kernel, ...kernel].map(() => 0)
  if (padding !== 'same') {
    const pads = perAxis(padding, kernel.length, layer, 'padding', 0)
    return [...pads, ...pads]
  }
  if (stride.some((step) => step !== 1))
    throw new FivefoldError('OPTION_INVALID', `${layer}: padding 'same' needs stride 1; give the padding as a number`)
  const total = kernel.map((size, i) => dilation[i]! * (size - 1))
  return [...total.map((count) => Math.floor(count / 2)), ...total.map((count) => Math.ceil(count / 2))]
}

/** @throws OPTION_INVALID naming the layer */
export function perAxis(value: PerAxis, axes: number, layer: string, what: string, least: number): readonly number[] {
  const values = typeof value === 'number' ? Array<number>(axes).fill(value) : value
  if (values.length === axes && values.every((size) => Number.isInteger(size) && size >= least)) return values
  throw new FivefoldError(
    'OPTION_INVALID',
    `${layer}: ${what} must be ${axes} whole numbers from ${least}, got ${values.join(', ')}`,
  )
}

/** Attributes that convolutions and pools share. */
export const windowAttributes = ({ kernel, stride, pads }: Window): Attributes => ({
  kernel_shape: { ints: kernel },
  strides: { ints: stride },
  pads: { ints: pads },
})
