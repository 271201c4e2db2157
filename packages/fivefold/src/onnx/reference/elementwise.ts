import { intAttribute } from '../graph/attribute.ts'
import { type ElementType, elementCount, type TensorLiteral } from '../tensor.ts'
import { bigintsOf, fromBigints, fromNumbers, isInteger, numbersOf, pick } from './element-values.ts'
import { inputAt, invalid, type Kernel, type KernelCall } from './kernel.ts'
import { broadcastAll, broadcastPositions } from './strided-positions.ts'

type NumberFunction = (...values: number[]) => number

/** One meaning for numbers and one for integers of any width. */
export interface Arithmetic {
  readonly numbers: (a: number, b: number) => number
  readonly integers: (a: bigint, b: bigint) => bigint
}

/** All inputs broadcast to one shape. */
export function broadcastInputs({ inputs }: Pick<KernelCall, 'inputs'>): TensorLiteral[] {
  const present = inputs.map((_, i) => inputAt({ inputs }, i))
  const shape = broadcastAll(present.map((input) => input.shape))
  return present.map((input) => pick(input, shape, broadcastPositions(input.shape, shape)))
}

/** `of` over the elements of tensors of one shape. */
export function zipNumbers(type: ElementType, tensors: readonly TensorLiteral[], of: NumberFunction): TensorLiteral {
  const { shape } = tensors[0]!
  const columns = tensors.map(numbersOf)
  const values = Float64Array.from({ length: elementCount(shape) }, (_, i) =>
    of(...columns.map((column) => column[i]!)),
  )
  return fromNumbers(type, shape, values)
}

function combine(a: TensorLiteral, b: TensorLiteral, of: Arithmetic): TensorLiteral {
  if (a.type !== b.type) throw invalid(`inputs are ${a.type} and ${b.type}`)
  if (!isInteger(a)) return zipNumbers(a.type, [a, b], of.numbers)
  const [left, right] = [bigintsOf(a), bigintsOf(b)]
  return fromBigints(
    a.type,
    a.shape,
    Array.from(left, (value, i) => of.integers(value, right[i]!)),
  )
}

/** Any number of inputs, folded from the left. */
export const arithmetic =
  (of: Arithmetic): Kernel =>
  (call) => [broadcastInputs(call).reduce((a, b) => combine(a, b, of))]

export const mean: Kernel = (call) => {
  const tensors = broadcastInputs(call)
  return [zipNumbers(tensors[0]!.type, tensors, (...values) => values.reduce((a, b) => a + b) / values.length)]
}

export const ADD: Arithmetic = { numbers: (a, b) => a + b, integers: (a, b) => a + b }
export const SUB: Arithmetic = { numbers: (a, b) => a - b, integers: (a, b) => a - b }
export const MUL: Arithmetic = { numbers: (a, b) => a * b, integers: (a, b) => a * b }
/** Integers round towards zero, as in C. */
export const DIV: Arithmetic = { numbers: (a, b) => a / b, integers: (a, b) => a / nonZero(b) }
export const MIN: Arithmetic = { numbers: Math.min, integers: (a, b) => (b < a ? b : a) }
export const MAX: Arithmetic = { numbers: Math.max, integers: (a, b) => (b > a ? b : a) }

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw invalid('integers are divided by zero')
  return divisor
}

/** fmod=1 takes the sign of the dividend, fmod=0 that of the divisor. */
export const mod: Kernel = (call) => {
  const truncated = intAttribute(call.attributes, 'fmod', 0) === 1
  return arithmetic({
    numbers: (a, b) => (truncated ? a % b : a - b * Math.floor(a / b)),
    integers(a, b) {
      const rest = a % nonZero(b)
      return truncated || rest === 0n || rest < 0n === b < 0n ? rest : rest + b
    },
  })(call)
}

/** The exponent may have another type than the base, which is also the type of the result. */
export const pow: Kernel = (call) => {
  const [base, exponent] = broadcastInputs(call) as [TensorLiteral, TensorLiteral]
  return [zipNumbers(base.type, [base, exponent], (a, b) => a ** b)]
}

export const where: Kernel = (call) => {
  const [condition, yes, no] = broadcastInputs(call) as [TensorLiteral, TensorLiteral, TensorLiteral]
  if (yes.type === 'string' || no.type === 'string') {
    const data = Array.from(numbersOf(condition), (holds, i) => String((holds ? yes : no).data[i]))
    return [{ type: 'string', shape: yes.shape, data }]
  }
  const data = yes.data.slice()
  Array.from(numbersOf(condition)).forEach((holds, i) => {
    if (!holds) data[i] = no.data[i]!
  })
  return [{ ...yes, data } as TensorLiteral]
}

type Comparable = number | bigint | string

/** Elements compared as they are: integers exactly, texts by code unit. */
export const comparison =
  (holds: (a: Comparable, b: Comparable) => boolean): Kernel =>
  (call) => {
    const [a, b] = broadcastInputs(call) as [TensorLiteral, TensorLiteral]
    const [left, right] = [comparables(a), comparables(b)]
    return [
      { type: 'bool', shape: a.shape, data: Uint8Array.from(left, (value, i) => (holds(value, right[i]!) ? 1 : 0)) },
    ]
  }

const comparables = (tensor: TensorLiteral): Comparable[] =>
  Array.from<Comparable>(tensor.type === 'float16' ? numbersOf(tensor) : tensor.data)

/** Over truth values. */
export const logic =
  (of: (a: boolean, b: boolean) => boolean): Kernel =>
  (call) => [zipNumbers('bool', broadcastInputs(call), (a, b) => Number(of(a !== 0, b !== 0)))]

/** One value to one value. Integers go through doubles, exact below 2^53. */
export const unary =
  (of: (value: number) => number): Kernel =>
  (call) => {
    const x = inputAt(call, 0)
    return [zipNumbers(x.type, [x], of)]
  }

/** Neg and Abs, which wrap integers exactly. */
export const signed =
  (numbers: (value: number) => number, integers: (value: bigint) => bigint): Kernel =>
  (call) => {
    const x = inputAt(call, 0)
    return isInteger(x) ? [fromBigints(x.type, x.shape, Array.from(bigintsOf(x), integers))] : unary(numbers)(call)
  }

/** One value to a truth value. */
export const test =
  (holds: (value: number, call: KernelCall) => boolean): Kernel =>
  (call) => [zipNumbers('bool', [inputAt(call, 0)], (value) => Number(holds(value!, call)))]

export const isInf = (value: number, { attributes }: KernelCall): boolean =>
  (value === Number.POSITIVE_INFINITY && intAttribute(attributes, 'detect_positive', 1) === 1) ||
  (value === Number.NEGATIVE_INFINITY && intAttribute(attributes, 'detect_negative', 1) === 1)

/** Clip(x, min?, max?): max wins where min is above it. */
export const clip: Kernel = (call) => {
  const x = inputAt(call, 0)
  const [, low, high] = call.inputs
  const atLeast = low === undefined ? x : arithmetic(MAX)({ ...call, inputs: [x, low] })[0]!
  return high === undefined ? [atLeast] : arithmetic(MIN)({ ...call, inputs: [atLeast, high] })
}

export const identity: Kernel = (call) => [inputAt(call, 0)]
