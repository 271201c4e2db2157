import { FivefoldError } from '../../core/index.ts'
import { floatAttribute, intAttribute, intsAttribute } from '../graph/attribute.ts'
import { elementCount, type TensorLiteral } from '../tensor.ts'
import { sumOf } from './contributed.ts'
import { fromNumbers, numbersOf, pick, reshaped } from './element-values.ts'
import { inputAt, type Kernel, type KernelCall } from './kernel.ts'
import { joined, transposed } from './movement.ts'
import { asDouble, product } from './products.ts'
import { mapGroups } from './reductions.ts'
import { softmaxOf } from './softmax.ts'
import { stridedPositions, stridesOf } from './strided-positions.ts'

/** [batch, length, heads * size] to [batch, heads, length, size]. */
function splitHeads(x: TensorLiteral, heads: number): TensorLiteral {
  const [batch, length, width] = x.shape as [number, number, number]
  return transposed(reshaped(x, [batch, length, heads, width / heads]), [0, 2, 1, 3])
}

function joinHeads(x: TensorLiteral): TensorLiteral {
  const [batch, heads, length, size] = x.shape as [number, number, number, number]
  return reshaped(transposed(x, [0, 2, 1, 3]), [batch, length, heads * size])
}

interface Scored {
  /** [batch, heads, length, size] */
  readonly query: TensorLiteral
  readonly key: TensorLiteral
  readonly value: TensorLiteral
  /** Added to the scores, broadcast to [batch, heads, queries, keys]. */
  readonly biases: readonly TensorLiteral[]
}

/** softmax(scale q k^T + biases) v, as [batch, queries, heads * size]. Vaswani et al., 2017. */
function attend(call: KernelCall, { query, key, value, biases }: Scored): TensorLiteral {
  const products = product(asDouble(query), transposed(asDouble(key), [0, 1, 3, 2]))
  const scale = floatAttribute(call.attributes, 'scale', 1 / Math.sqrt(query.shape[3]!))
  const scaled = fromNumbers(
    'double',
    products.shape,
    Float64Array.from(numbersOf(products), (score) => score * scale),
  )
  const [, , queries, keys] = scaled.shape as [number, number, number, number]
  const isCausal = intAttribute(call.attributes, 'unidirectional', 0) === 1
  const future = isCausal ? [futureMask(queries, keys)] : []
  const weights = mapGroups(sumOf(scaled, ...biases, ...future), [3], softmaxOf)
  const mixed = joinHeads(product(weights, asDouble(value)))
  return fromNumbers(value.type, mixed.shape, numbersOf(mixed))
}

/** The last query sees all keys, each one before it one key less. */
function futureMask(queries: number, keys: number): TensorLiteral {
  const hidden = Array.from({ length: queries * keys }, (_, at) =>
    (at % keys) - Math.floor(at / keys) > keys - queries ? Number.NEGATIVE_INFINITY : 0,
  )
  return fromNumbers('double', [queries, keys], hidden)
}

/**
 * A mask as what is added to the scores. It comes as lengths [batch], as ones and zeros [batch, keys] or [batch, queries, keys].
 */
function maskBias(call: KernelCall, mask: TensorLiteral | undefined, batch: number, keys: number): TensorLiteral[] {
  if (mask === undefined) return []
  const filter = floatAttribute(call.attributes, 'mask_filter_value', -10000)
  const values = Array.from(numbersOf(mask))
  const { shape } = mask
  const bias = (flags: number[], as: number[]): TensorLiteral[] => [
    fromNumbers(
      'double',
      as,
      flags.map((flag) => (flag > 0 ? 0 : filter)),
    ),
  ]
  if (shape.length === 1 && shape[0] === batch)
    return bias(
      values.flatMap((length) => Array.from({ length: keys }, (_, key) => Number(key < length))),
      [batch, 1, 1, keys],
    )
  if (shape.length === 2 && shape[1] === keys) return bias(values, [batch, 1, 1, keys])
  if (shape.length === 3) return bias(values, [batch, 1, shape[1]!, keys])
  throw new FivefoldError('GRAPH_UNSUPPORTED', `a mask of shape [${shape}] over ${batch} samples and ${keys} keys`)
}

/** Inputs x [batch, length, width], weights [width, q + k + v], bias, mask?, past [2, batch, heads, past, size]?, scores bias?. */
export const attention: Kernel = (call) => {
  const [x, weights, bias] = [inputAt(call, 0), inputAt(call, 1), call.inputs[2]]
  const heads = intAttribute(call.attributes, 'num_heads', 1)
  const total = weights.shape[1]!
  const sizes = intsAttribute(call.attributes, 'qkv_hidden_sizes', [total / 3, total / 3, total / 3])
  const projected = sumOf(product(asDouble(x), asDouble(weights)), bias)
  const [query, fresh, freshValue] = sizes.map((size, i) => {
    const start = sizes.slice(0, i).reduce((a, b) => a + b, 0)
    return splitHeads(lastAxisSlice(projected, start, size), heads)
  }) as [TensorLiteral, TensorLiteral, TensorLiteral]
  const past = call.inputs[4]
  const key = past ? joined([firstAxisItem(past, 0), fresh], 2) : fresh
  const value = past ? joined([firstAxisItem(past, 1), freshValue], 2) : freshValue
  const biases = [
    ...maskBias(call, call.inputs[3], x.shape[0]!, key.shape[2]!),
    ...(call.inputs[5] ? [call.inputs[5]] : []),
  ]
  const y = attend(call, { query, key, value, biases })
  const present = joined([reshaped(key, [1, ...key.shape]), reshaped(value, [1, ...value.shape])], 0)
  return [fromNumbers(x.type, y.shape, numbersOf(y)), fromNumbers(x.type, present.shape, numbersOf(present))]
}

function lastAxisSlice(x: TensorLiteral, start: number, size: number): TensorLiteral {
  const shape = [...x.shape.slice(0, -1), size]
  return pick(x, shape, stridedPositions(shape, stridesOf(x.shape), start))
}

/** One item along the first axis, as doubles. */
function firstAxisItem(x: TensorLiteral, index: number): TensorLiteral {
  const shape = x.shape.slice(1)
  return asDouble(pick(x, shape, stridedPositions(shape, stridesOf(shape), index * elementCount(shape))))
}

/**
 * Inputs query [batch, queries, width], key and value [batch, keys, width] or [batch, heads, keys, size], bias [q + k + v]?, mask of
 * keys?, scores bias?, past keys and values [batch, heads, past, size]?. Outputs y, all keys, all values.
 */
export const multiHeadAttention: Kernel = (call) => {
  const [query, bias, mask, scoresBias] = [inputAt(call, 0), call.inputs[3], call.inputs[4], call.inputs[5]]
  if (query.shape.length !== 3 || call.inputs[1]?.shape.length === 5)
    throw new FivefoldError('GRAPH_UNSUPPORTED', 'MultiHeadAttention over packed inputs')
  const heads = intAttribute(call.attributes, 'num_heads', 1)
  const width = query.shape[2]!
  const project = (x: TensorLiteral, start: number): TensorLiteral => {
    if (x.shape.length === 4) return x
    const part = bias && pick(bias, [x.shape[2]!], stridedPositions([x.shape[2]!], [1], start))
    const shifted = sumOf(x, part)
    return splitHeads(fromNumbers(x.type, shifted.shape, numbersOf(shifted)), heads)
  }
  const withPast = (past: TensorLiteral | undefined, fresh: TensorLiteral): TensorLiteral =>
    past ? joined([past, fresh], 2) : fresh
  const key = withPast(call.inputs[6], project(inputAt(call, 1), width))
  const value = withPast(call.inputs[7], project(inputAt(call, 2), 2 * width))
  const biases = [...maskBias(call, mask, query.shape[0]!, key.shape[2]!), ...(scoresBias ? [scoresBias] : [])]
  return [attend(call, { query: project(query, 0), key, value, biases }), key, value]
}
