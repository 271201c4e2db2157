import { floatAttribute } from '../graph/attribute.ts'
import type { TensorLiteral } from '../tensor.ts'
import { geluByErf, geluByTanh, sigmoid } from './activations.ts'
import { fromNumbers, numbersOf, pick } from './element-values.ts'
import { zipNumbers } from './elementwise.ts'
import { inputAt, type Kernel, type KernelCall } from './kernel.ts'
import { layerNorm } from './normalization.ts'
import { asDouble } from './products.ts'
import { broadcastPositions } from './strided-positions.ts'

/** Sum of tensors, the later ones broadcast to the first; absent ones are zero. Exact until it is stored. */
export function sumOf(first: TensorLiteral, ...others: readonly (TensorLiteral | undefined)[]): TensorLiteral {
  const { shape } = first
  const all = [first, ...others.filter((other) => other !== undefined)]
  const spread = all.map((tensor) => asDouble(pick(tensor, shape, broadcastPositions(tensor.shape, shape))))
  return zipNumbers('double', spread, (...values) => values.reduce((a, b) => a + b))
}

const rounded = (tensor: TensorLiteral, { type }: TensorLiteral): TensorLiteral =>
  fromNumbers(type, tensor.shape, numbersOf(tensor))

/** An activation of x + bias. */
const biased =
  (of: (x: number) => number): Kernel =>
  (call) => {
    const x = inputAt(call, 0)
    return [zipNumbers(x.type, [sumOf(x, call.inputs[1])], (value) => of(value!))]
  }

export const biasGelu = biased(geluByErf)
export const fastGelu = biased(geluByTanh)

export const quickGelu: Kernel = (call) => {
  const x = inputAt(call, 0)
  const alpha = floatAttribute(call.attributes, 'alpha', 1.702)
  return [zipNumbers(x.type, [x], (value) => value! * sigmoid(alpha * value!))]
}

const EMBEDDING_EPSILON = 1e-12

/** The contributed layer norms have another default than the standard one. */
function withEpsilon(call: KernelCall): KernelCall {
  const float = floatAttribute(call.attributes, 'epsilon', EMBEDDING_EPSILON)
  return { ...call, attributes: { epsilon: { float } } }
}

/** Layer norm of x + skip + bias: inputs x, skip, scale, shift?, bias?; outputs y, mean, 1 / deviation, the sum. */
export const skipLayerNormalization: Kernel = (call) => {
  const x = inputAt(call, 0)
  const total = sumOf(x, inputAt(call, 1), call.inputs[4])
  const [y, mean, deviation] = layerNorm(withEpsilon(call), total, inputAt(call, 2), call.inputs[3])
  return [y!, mean!, deviation!, total].map((output) => rounded(output, x))
}

/**
 * Layer norm of word + position + segment embeddings. Inputs: ids [N, S], segments?, word, position and segment tables, scale,
 * shift, mask?, positions?. Outputs: y [N, S, D], count of unmasked tokens [N], the sum [N, S, D].
 */
export const embedLayerNormalization: Kernel = (call) => {
  const ids = inputAt(call, 0)
  const [batch, length] = ids.shape as [number, number]
  const words = inputAt(call, 2)
  const [, segments, , , segmentTable, , , mask, positions] = call.inputs
  const places = positions
    ? Array.from(numbersOf(positions))
    : Array.from({ length: batch * length }, (_, i) => i % length)
  const sharedPlaces = positions?.shape[0] === 1 ? places.map((_, i) => places[i % length]!) : places
  const shape = [batch, length, words.shape[1]!]
  const total = sumOf(
    rows(words, numbersOf(ids), shape),
    rows(
      inputAt(call, 3),
      Array.from({ length: batch * length }, (_, i) => sharedPlaces[i % sharedPlaces.length]!),
      shape,
    ),
    segments && segmentTable && rows(segmentTable, numbersOf(segments), shape),
  )
  const [y] = layerNorm(withEpsilon(call), total, inputAt(call, 5), call.inputs[6])
  const flags = mask && numbersOf(mask)
  const counts = Array.from({ length: batch }, (_, n) =>
    Array.from({ length }, (_, i) => Number(flags?.[n * length + i] === 1)).reduce((a, b) => a + b, 0),
  )
  return [rounded(y!, words), fromNumbers('int32', [batch], counts), rounded(total, words)]
}

function rows(table: TensorLiteral, ids: ArrayLike<number>, shape: readonly number[]): TensorLiteral {
  const size = table.shape[1]!
  return pick(table, shape, Array.from(ids, (id) => Array.from({ length: size }, (_, i) => id * size + i)).flat())
}
