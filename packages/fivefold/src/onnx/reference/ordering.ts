import { intAttribute } from '../graph/attribute.ts'
import { frontAxis } from '../operators/dimensions.ts'
import { int64s, type TensorLiteral } from '../tensor.ts'
import { bigintsOf, fromBigints, fromNumbers, isInteger, numbersOf, pick } from './element-values.ts'
import { inputAt, intsAt, type Kernel, type KernelCall } from './kernel.ts'
import { mapGroups, overGroups, reducedShape } from './reductions.ts'
import { groupAlong } from './strided-positions.ts'

function axisOf({ attributes }: KernelCall, x: TensorLiteral, absent: number): number {
  return frontAxis(intAttribute(attributes, 'axis', absent), x.shape.length)
}

/** Index of the best element along an axis; the first of equal ones, or the last where the node says so. */
export const argBest =
  (isBetter: (a: number, b: number) => boolean): Kernel =>
  (call) => {
    const x = inputAt(call, 0)
    const axis = axisOf(call, x, 0)
    const takesLast = intAttribute(call.attributes, 'select_last_index', 0) === 1
    const best = overGroups(groupAlong(x.shape, [axis]), numbersOf(x), (members) => {
      const top = members.reduce((a, b) => (isBetter(b, a) ? b : a))
      return takesLast ? members.lastIndexOf(top) : members.indexOf(top)
    })
    return [int64s(best, reducedShape(x.shape, [axis], intAttribute(call.attributes, 'keepdims', 1) === 1))]
  }

/** The k largest or smallest along an axis in their order, and their indices; equal ones keep their order. */
export const topK: Kernel = (call) => {
  const x = inputAt(call, 0)
  const axis = axisOf(call, x, -1)
  const k = intsAt(call, 1)?.[0] ?? 0
  const sign = intAttribute(call.attributes, 'largest', 1) === 1 ? -1 : 1
  const shape = x.shape.with(axis, k)
  const indices = new Float64Array(shape.reduce((a, b) => a * b, 1))
  const positions = new Int32Array(indices.length)
  const values = numbersOf(x)
  const from = groupAlong(x.shape, [axis])
  const to = groupAlong(shape, [axis])
  from.outer.forEach((start, group) => {
    const valueAt = (i: number): number => values[start + from.inner[i]!]!
    const order = [...from.inner.keys()].sort((a, b) => sign * (valueAt(a) - valueAt(b)) || a - b)
    to.inner.forEach((step, i) => {
      indices[to.outer[group]! + step] = order[i]!
      positions[to.outer[group]! + step] = start + from.inner[order[i]!]!
    })
  })
  return [pick(x, shape, positions), fromNumbers('int64', shape, indices)]
}

/** cumsum(x, axis): running sums, without the element itself where exclusive, from the end where reverse. */
export const cumSum: Kernel = (call) => {
  const x = inputAt(call, 0)
  const axis = frontAxis(intsAt(call, 1)?.[0] ?? 0, x.shape.length)
  const excludes = intAttribute(call.attributes, 'exclusive', 0) === 1
  const isReverse = intAttribute(call.attributes, 'reverse', 0) === 1
  const running = <Element>(members: Element[], zero: Element, add: (a: Element, b: Element) => Element): Element[] => {
    let total = zero
    const sums = (isReverse ? members.toReversed() : members).map((value) => {
      const before = total
      total = add(total, value)
      return excludes ? before : total
    })
    return isReverse ? sums.reverse() : sums
  }
  if (!isInteger(x)) return [mapGroups(x, [axis], (members) => running(members, 0, (a, b) => a + b))]
  const values = Array.from(bigintsOf(x))
  const { outer, inner } = groupAlong(x.shape, [axis])
  for (const start of outer) {
    const sums = running(
      Array.from(inner, (step) => values[start + step]!),
      0n,
      (a, b) => a + b,
    )
    inner.forEach((step, i) => {
      values[start + step] = sums[i]!
    })
  }
  return [fromBigints(x.type, x.shape, values)]
}
