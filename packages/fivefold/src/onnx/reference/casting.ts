import { FivefoldError } from '../../core/index.ts'
import { intAttribute } from '../graph/attribute.ts'
import { type ElementType, elementTypeOf, type TensorLiteral } from '../tensor.ts'
import { bigintsOf, fromBigints, fromNumbers, isFloat, isInteger, numbersOf } from './element-values.ts'
import { inputAt, type Kernel } from './kernel.ts'

export const cast: Kernel = (call) => {
  const code = intAttribute(call.attributes, 'to', 0)
  const type = elementTypeOf(code)
  if (type === undefined) throw new FivefoldError('GRAPH_UNSUPPORTED', `element type ${code} is not supported`)
  return [castTo(inputAt(call, 0), type)]
}

export const castLike: Kernel = (call) => [castTo(inputAt(call, 0), inputAt(call, 1).type)]

export function castTo(x: TensorLiteral, type: ElementType): TensorLiteral {
  if (x.type === type) return x
  if (type === 'string') return { type, shape: x.shape, data: textsOf(x) }
  if (x.type === 'string') return parsed(x.data, x.shape, type)
  if (isInteger(x) && type !== 'bool' && !isFloat({ type })) return fromBigints(type, x.shape, bigintsOf(x))
  return fromNumbers(type, x.shape, numbersOf(x))
}

function parsed(texts: readonly string[], shape: readonly number[], type: ElementType): TensorLiteral {
  if (type === 'int64' || type === 'uint64')
    return fromBigints(
      type,
      shape,
      texts.map((text) => BigInt(text)),
    )
  return fromNumbers(
    type,
    shape,
    texts.map((text) => Number(text.replace(/inf$/i, 'Infinity'))),
  )
}

/** Single precision is written with as few digits as single it out. */
function textsOf(x: TensorLiteral): string[] {
  if (x.type === 'float') return Array.from(x.data, (value) => String(Number(value.toPrecision(8))))
  return x.type === 'float16' ? Array.from(numbersOf(x), String) : Array.from<unknown>(x.data).map(String)
}
