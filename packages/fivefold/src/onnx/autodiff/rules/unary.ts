import type { Operations } from '../../graph/operations.ts'
import type { TypedValue } from '../../graph/typed-value.ts'
import type { GradientRule } from '../gradient-rule.ts'

type Write = (x: TypedValue, y: TypedValue, ops: Operations) => TypedValue

/** For y = f(x) element by element, given f'(x): dx = dy f'(x). */
export const slope =
  (write: Write): GradientRule =>
  ({ node, outputGradients: [dy], ops }) => [ops.mul(dy!, write(node.inputs[0]!, node.outputs[0]!, ops))]

/** For y = f(x) element by element, given 1 / f'(x): dx = dy / that. */
const inverseSlope =
  (write: Write): GradientRule =>
  ({ node, outputGradients: [dy], ops }) => [ops.div(dy!, write(node.inputs[0]!, node.outputs[0]!, ops))]

const square = (a: TypedValue, ops: Operations): TypedValue => ops.mul(a, a)
const sqrt = (a: TypedValue, ops: Operations): TypedValue => ops.node('Sqrt', [a])

export const identity: GradientRule = ({ outputGradients }) => outputGradients
export const neg: GradientRule = ({ outputGradients: [dy], ops }) => [ops.neg(dy!)]
/** 0 at 0, as PyTorch has it. */
export const abs = slope((x, _, ops) => ops.node('Sign', [x]))
export const exp = slope((_, y) => y)
export const log = inverseSlope((x) => x)
export const sqrtRule = inverseSlope((_, y, ops) => ops.scale(y, 2))
export const reciprocal = slope((_, y, ops) => ops.neg(square(y, ops)))
export const erf = slope((x, _, ops) => ops.scale(ops.node('Exp', [ops.neg(square(x, ops))]), 2 / Math.sqrt(Math.PI)))

export const sin = slope((x, _, ops) => ops.node('Cos', [x]))
export const cos = slope((x, _, ops) => ops.neg(ops.node('Sin', [x])))
export const tan = slope((_, y, ops) => ops.shift(square(y, ops), 1))
export const asin = inverseSlope((x, _, ops) => sqrt(ops.oneMinus(square(x, ops)), ops))
export const acos = inverseSlope((x, _, ops) => ops.neg(sqrt(ops.oneMinus(square(x, ops)), ops)))
export const atan = inverseSlope((x, _, ops) => ops.shift(square(x, ops), 1))
export const sinh = slope((x, _, ops) => ops.node('Cosh', [x]))
export const cosh = slope((x, _, ops) => ops.node('Sinh', [x]))
export const tanh = slope((_, y, ops) => ops.oneMinus(square(y, ops)))
export const asinh = inverseSlope((x, _, ops) => sqrt(ops.shift(square(x, ops), 1), ops))
export const acosh = inverseSlope((x, _, ops) => sqrt(ops.shift(square(x, ops), -1), ops))
export const atanh = inverseSlope((x, _, ops) => ops.oneMinus(square(x, ops)))

/** Cast and CastLike between real types; integers end the path. */
export const cast: GradientRule = ({ node, outputGradients: [dy], ops }) => [ops.cast(dy!, node.inputs[0]!.type)]
