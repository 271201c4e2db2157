import { createRng, FivefoldError } from '../../core/index.ts'
import type { Operations } from '../graph/operations.ts'
import type { TypedValue } from '../graph/typed-value.ts'
import type { Dimension } from '../tensor.ts'

/** What a mask is drawn from. */
export interface MaskSource {
  /** A fed int32 scalar: another one for each step. */
  readonly seed: TypedValue
  /** Tells the masks of one graph apart: the layer's name. */
  readonly layer: string
}

/**
 * A mask that keeps each element with probability 1 - rate and scales what stays, 0 or 1 / (1 - rate): a hash of the fed seed,
 * the layer's name and the element's place. The runtime's own random operators start anew with every session, so a resumed run
 * would not repeat them; and a mask that is a value of the graph is the same on the way back.
 *
 * With all arithmetic modulo 2^32: u = a[row] + b[column] (2 s + 1) + t, and h = u (2 u + 1), the permutation of RC6 (Rivest et
 * al. 1998) whose high bits depend on every bit of u. a and b are random constants of the layer, s and t come from the seed.
 *
 * @param shape of fixed sizes
 * @throws OPTION_INVALID where the rate is not in [0, 1)
 */
export function dropoutMask(
  ops: Operations,
  { seed, layer }: MaskSource,
  shape: readonly Dimension[],
  rate: number,
): TypedValue {
  if (!(rate >= 0 && rate < 1))
    throw new FivefoldError('OPTION_INVALID', `${layer}: the rate ${rate} of dropout must be at least 0 and below 1`)
  const sizes = shape.map(Number)
  const split = splitAxes(sizes)
  const rng = createRng(0, `dropout/${layer}`)
  const words = (axes: readonly number[]): TypedValue => {
    const data = Int32Array.from({ length: axes.reduce((a, b) => a * b, 1) }, () => rng.int(2 ** 32))
    return ops.graph.constant({ type: 'int32', shape: axes, data })
  }
  const rows = words(sizes.map((size, axis) => (axis < split ? size : 1)))
  const columns = words(sizes.slice(split))
  const { factor, addend } = seedWords(ops, seed, [rng.int(2 ** 31), rng.int(2 ** 31)])
  return threshold(ops, hashOf(ops, rows, ops.mul(columns, factor), addend), rate)
}

/** h = u (2 u + 1): both factors are sums of a row's and a column's word, which saves a pass over the whole tensor. */
function hashOf(ops: Operations, rows: TypedValue, columns: TypedValue, addend: TypedValue): TypedValue {
  const shifted = ops.add(rows, addend)
  const double = (value: TypedValue): TypedValue => ops.add(value, value)
  const oddDouble = ops.add(ops.add(double(shifted), int32(ops, 1)), double(columns))
  return ops.mul(ops.add(shifted, columns), oddDouble)
}

function threshold(ops: Operations, hash: TypedValue, rate: number): TypedValue {
  const least = int32(ops, Math.round(rate * 2 ** 32) - 2 ** 31)
  const like = { type: 'float' } as const
  return ops.where(ops.node('GreaterOrEqual', [hash, least]), ops.scalar(1 / (1 - rate), like), ops.scalar(0, like))
}

/** Where to cut the axes in two so that the words of both sides are few. */
function splitAxes(sizes: readonly number[]): number {
  const product = (part: readonly number[]): number => part.reduce((a, b) => a * b, 1)
  const words = [...sizes.keys()].map((at) => product(sizes.slice(0, at)) + product(sizes.slice(at)))
  return words.indexOf(Math.min(...words))
}

/** Two words that look unrelated between near seeds: an odd factor and an addend. */
function seedWords(
  ops: Operations,
  seed: TypedValue,
  salts: readonly [number, number],
): { factor: TypedValue; addend: TypedValue } {
  const [factor, addend] = salts.map((salt) => mix(ops, ops.add(seed, int32(ops, salt)))) as [TypedValue, TypedValue]
  return { factor: ops.add(ops.add(factor, factor), int32(ops, 1)), addend }
}

/** Three rounds of x (2 x + 1), folding the high half into the low one after each. */
function mix(ops: Operations, seed: TypedValue): TypedValue {
  const [one, half, odd] = [1, 2 ** 16, -1_640_531_527].map((value) => int32(ops, value)) as [
    TypedValue,
    TypedValue,
    TypedValue,
  ]
  let x = ops.mul(seed, odd)
  for (let round = 0; round < 3; round++) {
    x = ops.mul(x, ops.add(ops.add(x, x), one))
    x = ops.mul(ops.add(x, ops.div(x, half)), odd)
  }
  return x
}

const int32 = (ops: Operations, value: number): TypedValue =>
  ops.graph.constant({ type: 'int32', shape: [], data: Int32Array.of(value) })
