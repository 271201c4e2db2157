import { intAttribute } from '../graph/attribute.ts'
import { frontAxis } from '../operators/dimensions.ts'
import { inputAt, type Kernel } from './kernel.ts'
import { largest, logSumExp, mapGroups, sum } from './reductions.ts'

/** The members of each group along the axis, normalised together. */
const alongAxis =
  (of: (members: number[]) => number[]): Kernel =>
  (call) => {
    const x = inputAt(call, 0)
    return [mapGroups(x, [frontAxis(intAttribute(call.attributes, 'axis', -1), x.shape.length)], of)]
  }

export function softmaxOf(members: readonly number[]): number[] {
  const top = largest(members)
  const powers = members.map((value) => Math.exp(value - top))
  const total = sum(powers)
  return powers.map((power) => power / total)
}

export function logSoftmaxOf(members: readonly number[]): number[] {
  const total = logSumExp(members)
  return members.map((value) => value - total)
}

export const softmax = alongAxis(softmaxOf)
export const logSoftmax = alongAxis(logSoftmaxOf)
/** One for the first of the largest, else zero. */
export const hardmax = alongAxis((members) => {
  const best = members.indexOf(largest(members))
  return members.map((_, i) => (i === best ? 1 : 0))
})
