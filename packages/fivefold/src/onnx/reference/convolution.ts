import { intAttribute, intsAttribute, stringAttribute } from '../graph/attribute.ts'
import { elementCount } from '../tensor.ts'
import { fromNumbers, numbersOf } from './element-values.ts'
import { inputAt, type Kernel, type KernelCall } from './kernel.ts'
import { halves, placeCounts, type Window, windowElements, windowOf } from './windows.ts'

/** conv(x [N, C, ...], w [M, C / group, ...], bias [M]?). */
export const conv: Kernel = (call) => {
  const [x, w, bias] = [inputAt(call, 0), inputAt(call, 1), call.inputs[2]]
  const group = intAttribute(call.attributes, 'group', 1)
  const [batch, channels] = x.shape as [number, number]
  const space = x.shape.slice(2)
  const window = windowOf(call.attributes, w.shape.slice(2), space)
  const places = placeCounts(window, space, call.attributes)
  const elements = windowElements(window, space, places)
  const [outputs, perGroup] = w.shape as [number, number]
  const [inputSize, taps] = [elementCount(space), elementCount(window.kernel)]
  const [input, weights] = [numbersOf(x), numbersOf(w)]
  const offsets = bias && numbersOf(bias)
  const values = new Float64Array(batch * outputs * elements.length)
  for (let i = 0; i < values.length; i++) {
    const m = Math.floor(i / elements.length) % outputs
    const n = Math.floor(i / elements.length / outputs)
    const firstChannel = Math.floor(m / (outputs / group)) * perGroup
    let total = offsets?.[m] ?? 0
    for (let c = 0; c < perGroup; c++) {
      const plane = (n * channels + firstChannel + c) * inputSize
      const filter = (m * perGroup + c) * taps
      for (const { at, tap } of elements[i % elements.length]!) total += input[plane + at]! * weights[filter + tap]!
    }
    values[i] = total
  }
  return [fromNumbers(x.type, [batch, outputs, ...places], values)]
}

/** Every input element stamps its kernel on the output: x [N, C, ...], w [C, M / group, ...], bias [M]?. */
export const convTranspose: Kernel = (call) => {
  const [x, w, bias] = [inputAt(call, 0), inputAt(call, 1), call.inputs[2]]
  const group = intAttribute(call.attributes, 'group', 1)
  const [batch, channels] = x.shape as [number, number]
  const space = x.shape.slice(2)
  const perGroup = w.shape[1]!
  const outputs = perGroup * group
  const { window, output } = transposedWindow(call, space, w.shape.slice(2))
  // Seen from the output, the input's elements are the places of an ordinary window.
  const stamps = windowElements(window, output, space)
  const [outputSize, taps] = [elementCount(output), elementCount(window.kernel)]
  const [input, weights] = [numbersOf(x), numbersOf(w)]
  const values = new Float64Array(batch * outputs * outputSize)
  if (bias) addPerChannel(values, numbersOf(bias), outputSize)
  for (let i = 0; i < input.length; i++) {
    const c = Math.floor(i / stamps.length) % channels
    const n = Math.floor(i / stamps.length / channels)
    const firstOutput = Math.floor(c / (channels / group)) * perGroup
    for (let m = 0; m < perGroup; m++) {
      const plane = (n * outputs + firstOutput + m) * outputSize
      const filter = (c * perGroup + m) * taps
      for (const { at, tap } of stamps[i % stamps.length]!) values[plane + at]! += input[i]! * weights[filter + tap]!
    }
  }
  return [fromNumbers(x.type, [batch, outputs, ...output], values)]
}

function addPerChannel(values: Float64Array, bias: ArrayLike<number>, planeSize: number): void {
  for (let i = 0; i < values.length; i++) values[i]! += bias[Math.floor(i / planeSize) % bias.length]!
}

/** The output's sizes follow from the pads, or the pads from the sizes that the node asks for. */
function transposedWindow(
  { attributes }: KernelCall,
  input: readonly number[],
  kernel: readonly number[],
): { window: Window; output: readonly number[] } {
  const window = windowOf({ ...attributes, auto_pad: { string: 'NOTSET' } }, kernel, input)
  const extra = intsAttribute(
    attributes,
    'output_padding',
    input.map(() => 0),
  )
  const auto = stringAttribute(attributes, 'auto_pad', 'NOTSET')
  const full = input.map(
    (size, axis) =>
      (size - 1) * window.strides[axis]! + extra[axis]! + (kernel[axis]! - 1) * window.dilations[axis]! + 1,
  )
  const same = auto.startsWith('SAME') ? input.map((size, axis) => size * window.strides[axis]!) : undefined
  const wanted = intsAttribute(attributes, 'output_shape', same)?.slice(-input.length)
  if (wanted === undefined) {
    const padded = auto === 'VALID' ? { ...window, before: kernel.map(() => 0), after: kernel.map(() => 0) } : window
    return { window: padded, output: full.map((size, axis) => size - padded.before[axis]! - padded.after[axis]!) }
  }
  const total = full.map((size, axis) => Math.max(0, size - wanted[axis]!))
  return { window: { ...window, ...halves(total, auto === 'SAME_UPPER') }, output: wanted }
}
