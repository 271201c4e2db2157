import { type Attributes, floatAttribute, intAttribute, intsAttribute, stringAttribute } from '../graph/attribute.ts'
import { frontAxis } from '../operators/dimensions.ts'
import type { TensorLiteral } from '../tensor.ts'
import { fromNumbers, numbersOf, pick } from './element-values.ts'
import { inputAt, intsAt, invalid, type Kernel, type KernelCall } from './kernel.ts'
import { coordinatesOf, groupAlong } from './strided-positions.ts'

/** How one axis is resized. */
interface AxisPlan {
  readonly input: number
  readonly output: number
  readonly scale: number
  /** Part of the axis that tf_crop_and_resize cuts out, as fractions. */
  readonly start: number
  readonly end: number
}

interface Tap {
  readonly index: number
  readonly weight: number
}

/** resize(x, roi?, scales?, sizes?): every axis for itself, since all its filters are separable. */
export const resize: Kernel = (call) => {
  const x = inputAt(call, 0)
  const plans = axisPlans(call, x)
  const mode = stringAttribute(call.attributes, 'mode', 'nearest')
  const placed = plans.map((plan) =>
    Array.from({ length: plan.output }, (_, place) => sourceCoordinate(call.attributes, plan, place)),
  )
  const resized = plans.reduce((values, plan, axis) => {
    if (plan.input === plan.output && plan.scale === 1 && plan.start === 0 && plan.end === 1) return values
    return resampled(
      values,
      axis,
      placed[axis]!.map((at) => tapsAt(call.attributes, mode, plan, at)),
    )
  }, x)
  return [extrapolated(call.attributes, resized, plans, placed)]
}

function axisPlans(call: KernelCall, x: TensorLiteral): AxisPlan[] {
  const rank = x.shape.length
  const axes = intsAttribute(call.attributes, 'axes', [...x.shape.keys()]).map((axis) => frontAxis(axis, rank))
  const given = (index: number): ArrayLike<number> | undefined => {
    const input = call.inputs[index]
    return input === undefined || input.data.length === 0 ? undefined : numbersOf(input)
  }
  const scales = given(2)
  const sizes = scales === undefined ? keptAspect(call, x, axes) : undefined
  if (scales === undefined && sizes === undefined) throw invalid('Resize has neither scales nor sizes')
  const crops = stringAttribute(call.attributes, 'coordinate_transformation_mode', '') === 'tf_crop_and_resize'
  const roi = crops ? given(1) : undefined
  return x.shape.map((input, axis) => {
    const at = axes.indexOf(axis)
    if (at < 0) return { input, output: input, scale: 1, start: 0, end: 1 }
    const [start, end] = roi ? [roi[at]!, roi[at + axes.length]!] : [0, 1]
    const { output, scale } = sizes?.[at] ?? {
      output: Math.floor(input * (end - start) * scales![at]!),
      scale: scales![at]!,
    }
    return { input, output, scale, start, end }
  })
}

/** Sizes and the scales that follow from them, equal ones where the aspect is to be kept. */
function keptAspect(
  call: KernelCall,
  x: TensorLiteral,
  axes: readonly number[],
): { output: number; scale: number }[] | undefined {
  const sizes = intsAt(call, 3)
  if (sizes === undefined) return undefined
  const scales = sizes.map((size, i) => size / x.shape[axes[i]!]!)
  const policy = stringAttribute(call.attributes, 'keep_aspect_ratio_policy', 'stretch')
  if (policy === 'stretch') return sizes.map((output, i) => ({ output, scale: scales[i]! }))
  const scale = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales)
  return axes.map((axis) => ({ output: Math.floor(scale * x.shape[axis]! + 0.5), scale }))
}

/** Where an output place lies on the input's axis. */
function sourceCoordinate(attributes: Attributes, plan: AxisPlan, place: number): number {
  const mode = stringAttribute(attributes, 'coordinate_transformation_mode', 'half_pixel')
  const coordinate = COORDINATES[mode]
  if (coordinate === undefined) throw invalid(`the coordinate mode '${mode}' is unknown`)
  return coordinate(place, plan)
}

const halfPixel = (place: number, { scale }: AxisPlan): number => (place + 0.5) / scale - 0.5

const COORDINATES: Readonly<Record<string, (place: number, plan: AxisPlan) => number>> = {
  half_pixel: halfPixel,
  half_pixel_symmetric(place, plan) {
    const adjustment = plan.output / (plan.scale * plan.input)
    return (plan.input / 2) * (1 - adjustment) + halfPixel(place, plan)
  },
  pytorch_half_pixel: (place, plan) => (plan.output > 1 ? halfPixel(place, plan) : 0),
  align_corners: (place, { input, output }) => (output === 1 ? 0 : (place * (input - 1)) / (output - 1)),
  asymmetric: (place, { scale }) => place / scale,
  tf_crop_and_resize(place, { input, output, start, end }) {
    if (output === 1) return 0.5 * (start + end) * (input - 1)
    return start * (input - 1) + (place * (end - start) * (input - 1)) / (output - 1)
  },
}

const NEAREST: Readonly<Record<string, (at: number) => number>> = {
  round_prefer_floor: (at) => Math.ceil(at - 0.5),
  round_prefer_ceil: (at) => Math.floor(at + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
}

/** The input elements that an output place is mixed from. Outside the input its border goes on. */
function tapsAt(attributes: Attributes, mode: string, { input, scale }: AxisPlan, at: number): Tap[] {
  const inside = (index: number): number => Math.min(input - 1, Math.max(0, index))
  if (mode === 'nearest') {
    const rounded = NEAREST[stringAttribute(attributes, 'nearest_mode', 'round_prefer_floor')]!(at)
    return [{ index: inside(rounded), weight: 1 }]
  }
  const isAntialiased = intAttribute(attributes, 'antialias', 0) === 1 && scale < 1
  const stretch = isAntialiased ? 1 / scale : 1
  const [reach, filter] =
    mode === 'linear' ? [1, triangle] : [2, cubicFilter(floatAttribute(attributes, 'cubic_coeff_a', -0.75))]
  const taps: Tap[] = []
  for (let index = Math.ceil(at - reach * stretch); index <= Math.floor(at + reach * stretch); index++)
    taps.push({ index, weight: filter((index - at) / stretch) })
  const excludes = mode === 'cubic' && intAttribute(attributes, 'exclude_outside', 0) === 1
  const used = excludes ? taps.filter(({ index }) => index === inside(index)) : taps
  const total = used.reduce((sum, { weight }) => sum + weight, 0)
  return used.map(({ index, weight }) => ({ index: inside(index), weight: weight / total }))
}

const triangle = (distance: number): number => Math.max(0, 1 - Math.abs(distance))

/** Keys, 1981. */
const cubicFilter =
  (a: number) =>
  (distance: number): number => {
    const d = Math.abs(distance)
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1
    return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0
  }

function resampled(x: TensorLiteral, axis: number, taps: readonly (readonly Tap[])[]): TensorLiteral {
  const shape = x.shape.with(axis, taps.length)
  const from = groupAlong(x.shape, [axis])
  const to = groupAlong(shape, [axis])
  if (taps.every(([tap, ...more]) => tap?.weight === 1 && more.length === 0)) {
    const positions = new Int32Array(to.outer.length * taps.length)
    to.outer.forEach((start, group) => {
      taps.forEach(([tap], i) => {
        positions[start + to.inner[i]!] = from.outer[group]! + from.inner[tap!.index]!
      })
    })
    return pick(x, shape, positions)
  }
  const values = numbersOf(x)
  const result = new Float64Array(to.outer.length * taps.length)
  to.outer.forEach((start, group) => {
    taps.forEach((mixed, i) => {
      const total = mixed.reduce(
        (sum, { index, weight }) => sum + weight * values[from.outer[group]! + from.inner[index]!]!,
        0,
      )
      result[start + to.inner[i]!] = total
    })
  })
  return fromNumbers(x.type, shape, result)
}

/** tf_crop_and_resize fills places outside the input with one value. */
function extrapolated(
  attributes: Attributes,
  resized: TensorLiteral,
  plans: readonly AxisPlan[],
  placed: readonly (readonly number[])[],
): TensorLiteral {
  if (stringAttribute(attributes, 'coordinate_transformation_mode', '') !== 'tf_crop_and_resize') return resized
  const filler = floatAttribute(attributes, 'extrapolation_value', 0)
  const isOutside = (axis: number, place: number): boolean =>
    placed[axis]![place]! < 0 || placed[axis]![place]! > plans[axis]!.input - 1
  const values = Array.from(numbersOf(resized), (value, at) =>
    coordinatesOf(at, resized.shape).some((place, axis) => isOutside(axis, place)) ? filler : value,
  )
  return fromNumbers(resized.type, resized.shape, values)
}
