import { FivefoldError } from '../../core/index.ts'
import { type Attribute, intAttribute } from '../graph/attribute.ts'
import { elementCount, elementTypeOf, floats, type TensorLiteral } from '../tensor.ts'
import { bigintsOf, fromBigints, fromNumbers, isInteger, numbersOf, pick } from './element-values.ts'
import { inputAt, intsAt, invalid, type Kernel } from './kernel.ts'

export const constant: Kernel = ({ attributes }) => {
  const [name, value] = Object.entries(attributes).find(([key]) => key in CONSTANT_FORMS) ?? []
  if (name === undefined || value === undefined)
    throw new FivefoldError('GRAPH_UNSUPPORTED', 'a Constant without a value that is supported')
  return [CONSTANT_FORMS[name]!(value)]
}

const CONSTANT_FORMS: Readonly<Record<string, (value: Attribute) => TensorLiteral>> = {
  value: (value) => ('tensor' in value ? value.tensor : wrongForm()),
  value_float: (value) => ('float' in value ? floats([value.float], []) : wrongForm()),
  value_floats: (value) => ('floats' in value ? floats(value.floats) : wrongForm()),
  value_int: (value) => ('int' in value ? bigints([value.int], []) : wrongForm()),
  value_ints: (value) => ('ints' in value ? bigints(value.ints, [value.ints.length]) : wrongForm()),
  value_string: (value) => ('string' in value ? { type: 'string', shape: [], data: [value.string] } : wrongForm()),
  value_strings: (value) =>
    'strings' in value ? { type: 'string', shape: [value.strings.length], data: value.strings } : wrongForm(),
}

const bigints = (values: readonly (number | bigint)[], shape: readonly number[]): TensorLiteral =>
  fromBigints('int64', shape, values.map(BigInt))

function wrongForm(): never {
  throw invalid('a Constant whose value has another kind than its name says')
}

/** One value over a shape; a float zero where no value is given. */
export const constantOfShape: Kernel = (call) => {
  const { value } = call.attributes
  const filler = value !== undefined && 'tensor' in value ? value.tensor : floats([0])
  const shape = intsAt(call, 0) ?? []
  return [pick(filler, shape, new Int32Array(elementCount(shape)))]
}

/** range(start, limit, step), the limit left out. */
export const range: Kernel = (call) => {
  const [start, limit, step] = [inputAt(call, 0), inputAt(call, 1), inputAt(call, 2)]
  const [from, to, by] = [numbersOf(start)[0]!, numbersOf(limit)[0]!, numbersOf(step)[0]!]
  const count = Math.max(0, Math.ceil((to - from) / by))
  if (!Number.isFinite(count)) throw invalid(`a range from ${from} to ${to} by ${by} does not end`)
  const places = Array.from({ length: count }, (_, i) => i)
  if (!isInteger(start))
    return [
      fromNumbers(
        start.type,
        [count],
        places.map((i) => from + i * by),
      ),
    ]
  const [first, stride] = [bigintsOf(start)[0]!, bigintsOf(step)[0]!]
  return [
    fromBigints(
      start.type,
      [count],
      places.map((i) => first + BigInt(i) * stride),
    ),
  ]
}

/** Ones on the diagonal `k` of a matrix of the input's shape. */
export const eyeLike: Kernel = (call) => {
  const x = inputAt(call, 0)
  const [rows, columns] = x.shape as [number, number]
  const k = intAttribute(call.attributes, 'k', 0)
  const code = intAttribute(call.attributes, 'dtype', undefined)
  const type = code === undefined ? x.type : elementTypeOf(code)
  if (type === undefined) throw new FivefoldError('GRAPH_UNSUPPORTED', `element type ${code} is not supported`)
  const values = Array.from({ length: rows * columns }, (_, at) =>
    (at % columns) - Math.floor(at / columns) === k ? 1 : 0,
  )
  return [fromNumbers(type, x.shape, values)]
}
