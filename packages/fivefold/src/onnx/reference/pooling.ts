import { intAttribute, intsAttribute } from '../graph/attribute.ts'
import { elementCount, int64s, type TensorLiteral } from '../tensor.ts'
import { fromNumbers, numbersOf } from './element-values.ts'
import { inputAt, type Kernel, type KernelCall } from './kernel.ts'
import { average, largest, sum } from './reductions.ts'
import { coordinatesOf } from './strided-positions.ts'
import { placeCounts, type Window, type WindowElement, windowElements, windowOf } from './windows.ts'

interface Pool {
  readonly x: TensorLiteral
  readonly window: Window
  readonly space: readonly number[]
  readonly places: readonly number[]
  readonly elements: readonly (readonly WindowElement[])[]
}

function poolOf(call: KernelCall): Pool {
  const x = inputAt(call, 0)
  const space = x.shape.slice(2)
  const window = windowOf(
    call.attributes,
    intsAttribute(
      call.attributes,
      'kernel_shape',
      space.map(() => 1),
    ),
    space,
  )
  const places = placeCounts(window, space, call.attributes)
  return { x, window, space, places, elements: windowElements(window, space, places) }
}

/** `of` every place of the window in every channel; it is given the plane's first position and the number of the place. */
function overPlaces({ x, space, places, elements }: Pool, of: (plane: number, place: number) => number): Float64Array {
  const planes = x.shape[0]! * x.shape[1]!
  return Float64Array.from({ length: planes * elementCount(places) }, (_, i) =>
    of(Math.floor(i / elements.length) * elementCount(space), i % elements.length),
  )
}

const pooled = ({ x, places }: Pool, values: Float64Array): TensorLiteral =>
  fromNumbers(x.type, [x.shape[0]!, x.shape[1]!, ...places], values)

/** The largest of each window and its flat position in the whole input; with storage_order=1 columns are counted first. */
export const maxPool: Kernel = (call) => {
  const pool = poolOf(call)
  const values = numbersOf(pool.x)
  const best = overPlaces(pool, (plane, place) =>
    pool.elements[place]!.map(({ at }) => plane + at).reduce((a, b) => (values[b]! > values[a]! ? b : a)),
  )
  const isColumnFirst = intAttribute(call.attributes, 'storage_order', 0) === 1
  const result = pooled(
    pool,
    best.map((at) => values[at]!),
  )
  return [
    result,
    int64s(
      Array.from(best, (at) => (isColumnFirst ? columnFirst(at, pool.space) : at)),
      result.shape,
    ),
  ]
}

function columnFirst(position: number, space: readonly number[]): number {
  const size = elementCount(space)
  const flipped = coordinatesOf(position % size, space).reduceRight(
    (at, coordinate, axis) => at * space[axis]! + coordinate,
    0,
  )
  return position - (position % size) + flipped
}

/** The mean of each window, over the elements inside the input, or with count_include_pad over those in the padding too. */
export const averagePool: Kernel = (call) => {
  const pool = poolOf(call)
  const values = numbersOf(pool.x)
  const countsPadding = intAttribute(call.attributes, 'count_include_pad', 0) === 1
  const sums = overPlaces(pool, (plane, place) => {
    const inside = pool.elements[place]!
    const count = countsPadding ? paddedCount(pool, place) : inside.length
    return sum(inside.map(({ at }) => values[plane + at]!)) / count
  })
  return [pooled(pool, sums)]
}

/** Elements of a window up to the end of the padding: what ceil_mode adds beyond it does not count. */
function paddedCount({ window, space, places }: Pool, place: number): number {
  return coordinatesOf(place, places)
    .map((coordinate, axis) => {
      const start = coordinate * window.strides[axis]!
      const end = space[axis]! + window.before[axis]! + window.after[axis]!
      return Math.min(window.kernel[axis]!, Math.ceil((end - start) / window.dilations[axis]!))
    })
    .reduce((a, b) => a * b, 1)
}

export const lpPool: Kernel = (call) => {
  const pool = poolOf(call)
  const values = numbersOf(pool.x)
  const p = intAttribute(call.attributes, 'p', 2)
  const norms = overPlaces(
    pool,
    (plane, place) => sum(pool.elements[place]!.map(({ at }) => Math.abs(values[plane + at]!) ** p)) ** (1 / p),
  )
  return [pooled(pool, norms)]
}

/** One value for each channel of each sample. */
const globalPool =
  (of: (values: number[]) => number): Kernel =>
  (call) => {
    const x = inputAt(call, 0)
    const [planes, size] = [x.shape[0]! * x.shape[1]!, elementCount(x.shape.slice(2))]
    const values = Array.from(numbersOf(x))
    const results = Array.from({ length: planes }, (_, plane) => of(values.slice(plane * size, (plane + 1) * size)))
    return [
      fromNumbers(
        x.type,
        x.shape.map((length, axis) => (axis < 2 ? length : 1)),
        results,
      ),
    ]
  }

export const globalAveragePool = globalPool(average)
export const globalMaxPool = globalPool(largest)
