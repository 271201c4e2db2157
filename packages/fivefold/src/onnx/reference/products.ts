import { floatAttribute, intAttribute } from '../graph/attribute.ts'
import { elementCount, type TensorLiteral } from '../tensor.ts'
import { fromNumbers, numbersOf, pick, reshaped } from './element-values.ts'
import { inputAt, invalid, type Kernel } from './kernel.ts'
import { transposed } from './movement.ts'
import { broadcastAll, broadcastPositions } from './strided-positions.ts'

/** NumPy's matmul: vectors stand in for matrices, axes before the last two are broadcast. */
export const matMul: Kernel = (call) => [product(inputAt(call, 0), inputAt(call, 1))]

export function product(a: TensorLiteral, b: TensorLiteral): TensorLiteral {
  const left = a.shape.length === 1 ? reshaped(a, [1, ...a.shape]) : a
  const right = b.shape.length === 1 ? reshaped(b, [...b.shape, 1]) : b
  const result = batchedProduct(left, right)
  const shape = result.shape.filter(
    (_, axis, { length }) =>
      !(a.shape.length === 1 && axis === length - 2) && !(b.shape.length === 1 && axis === length - 1),
  )
  return reshaped(result, shape)
}

function batchedProduct(a: TensorLiteral, b: TensorLiteral): TensorLiteral {
  const batch = broadcastAll([a.shape.slice(0, -2), b.shape.slice(0, -2)])
  const [rows, depth] = a.shape.slice(-2) as [number, number]
  const [depthOfB, columns] = b.shape.slice(-2) as [number, number]
  if (depth !== depthOfB) throw invalid(`[${a.shape}] and [${b.shape}] have no product`)
  const left = numbersOf(pick(a, [...batch, rows, depth], broadcastPositions(a.shape, [...batch, rows, depth])))
  const right = numbersOf(pick(b, [...batch, depth, columns], broadcastPositions(b.shape, [...batch, depth, columns])))
  const values = new Float64Array(elementCount(batch) * rows * columns)
  for (let m = 0; m < elementCount(batch); m++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let total = 0
        for (let k = 0; k < depth; k++)
          total += left[(m * rows + i) * depth + k]! * right[(m * depth + k) * columns + j]!
        values[(m * rows + i) * columns + j] = total
      }
    }
  }
  return fromNumbers(a.type, [...batch, rows, columns], values)
}

/** alpha A B + beta C, A and B transposed where the node says so. */
export const gemm: Kernel = (call) => {
  const [a, b, c] = [inputAt(call, 0), inputAt(call, 1), call.inputs[2]]
  const flips = (name: string): boolean => intAttribute(call.attributes, name, 0) === 1
  const ab = product(
    asDouble(flips('transA') ? transposed(a, [1, 0]) : a),
    asDouble(flips('transB') ? transposed(b, [1, 0]) : b),
  )
  const [alpha, beta] = [floatAttribute(call.attributes, 'alpha', 1), floatAttribute(call.attributes, 'beta', 1)]
  const products = numbersOf(ab)
  const added = c && numbersOf(pick(c, ab.shape, broadcastPositions(c.shape, ab.shape)))
  const values = Float64Array.from(products, (value, i) => alpha * value + (added ? beta * added[i]! : 0))
  return [fromNumbers(a.type, ab.shape, values)]
}

/** Between two steps of one operator nothing is rounded. */
export const asDouble = (tensor: TensorLiteral): TensorLiteral => fromNumbers('double', tensor.shape, numbersOf(tensor))

/** alpha op(A) op(B) over matrices behind any batch axes. */
export const fusedMatMul: Kernel = (call) => {
  const [a, b] = [inputAt(call, 0), inputAt(call, 1)]
  const side = (x: TensorLiteral, name: string): TensorLiteral => {
    const axes = [...x.shape.keys()]
    // transBatch moves the first axis behind the others of the batch.
    const batchFirst = intAttribute(call.attributes, `transBatch${name}`, 0) === 1 && axes.length > 2
    const order = batchFirst ? [...axes.slice(1, -1), 0, axes.at(-1)!] : axes
    const flips = intAttribute(call.attributes, `trans${name}`, 0) === 1 && axes.length > 1
    return asDouble(transposed(x, flips ? [...order.slice(0, -2), order.at(-1)!, order.at(-2)!] : order))
  }
  const alpha = floatAttribute(call.attributes, 'alpha', 1)
  const ab = product(side(a, 'A'), side(b, 'B'))
  return [
    fromNumbers(
      a.type,
      ab.shape,
      Float64Array.from(numbersOf(ab), (value) => alpha * value),
    ),
  ]
}
