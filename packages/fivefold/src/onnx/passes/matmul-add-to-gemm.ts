import type { OnnxNode } from '../graph/model.ts'
import type { Dimension } from '../tensor.ts'
import type { Rewrite } from './rewrite.ts'

type Shapes = ReadonlyMap<string, readonly Dimension[]>

/** A B + C over matrices is one Gemm, where C stretches to the product and not the other way round. */
export const joinMatMulAndAdd =
  (shapes: Shapes): Rewrite =>
  (node, index) => {
    if (node.op !== 'Add' || node.domain !== '') return undefined
    for (const [at, product] of node.inputs.entries()) {
      const maker = index.makerOf(product)
      const addend = node.inputs[1 - at]!
      if (maker?.op !== 'MatMul' || maker.domain !== '' || !index.isReadOnce(product)) continue
      if (!fits(shapes, maker, addend)) continue
      return { node: { ...node, op: 'Gemm', inputs: [...maker.inputs, addend], attributes: {} } }
    }
    return undefined
  }

function fits(shapes: Shapes, { inputs, outputs }: OnnxNode, addend: string): boolean {
  const product = shapes.get(outputs[0]!)
  const added = shapes.get(addend)
  const areMatrices = inputs.every((name) => shapes.get(name)?.length === 2)
  if (!areMatrices || product === undefined || added === undefined || added.length > 2) return false
  return added.every((size, i) => size === 1 || (size !== '' && size === product[2 - added.length + i]))
}
