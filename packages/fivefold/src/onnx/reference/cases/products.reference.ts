import type { TensorLiteral } from '../../tensor.ts'
import {
  attributes,
  integers,
  type OperatorCase,
  type OperatorCases,
  of,
  operatorCase,
  spread,
} from './operator-case.reference.ts'

const matMul = (a: readonly number[], b: readonly number[]): OperatorCase =>
  operatorCase(`[${a}] [${b}]`, [spread(a), spread(b)])

const einsum = (equation: string, ...shapes: readonly (readonly number[])[]): OperatorCase =>
  operatorCase(
    equation,
    shapes.map((shape) => spread(shape)),
    { attributes: attributes({ equation }) },
  )

const gemm = (a: readonly number[], b: readonly number[], c: readonly number[] | undefined, transA = 0, transB = 0) =>
  operatorCase(
    `transA ${transA}, transB ${transB}, bias [${c ?? 'none'}]`,
    [spread(a), spread(b), ...(c ? [spread(c)] : [])],
    {
      attributes: attributes({ transA, transB }),
    },
  )

const skip = (inputs: readonly TensorLiteral[], outputs: number, unchecked: readonly number[]): OperatorCase =>
  operatorCase(`${inputs.length} inputs`, inputs, { attributes: { epsilon: { float: 1e-5 } }, outputs, unchecked })

const [BATCH, LENGTH, WIDTH, HEADS] = [2, 3, 4, 2] as const
const heads = attributes({ num_heads: HEADS })
const tokens = (length: number = LENGTH, width: number = WIDTH): TensorLiteral => spread([BATCH, length, width], -1, 1)
const projected = (): TensorLiteral[] => [tokens(), spread([WIDTH, 3 * WIDTH], -1, 1), spread([3 * WIDTH], -1, 1)]
const MASK = of('int32', [BATCH, LENGTH], 1, 1, 0, 1, 1, 1)

const embeddings = (): TensorLiteral[] => [
  spread([7, WIDTH]),
  spread([5, WIDTH]),
  spread([2, WIDTH]),
  spread([WIDTH], 0.5, 1.5),
  spread([WIDTH]),
]

export const PRODUCT_CASES = {
  MatMul: [
    matMul([3, 4], [4, 2]),
    matMul([2, 3, 4], [4, 5]),
    matMul([2, 3, 4], [2, 4, 5]),
    matMul([2, 1, 3, 4], [5, 4, 2]),
    matMul([4], [4, 3]),
    matMul([3, 4], [4]),
    matMul([2, 3, 4], [4]),
    matMul([4], [2, 4, 3]),
    matMul([4], [4]),
    operatorCase('double', [spread([3, 4], -2, 2, 'double'), spread([4, 2], -2, 2, 'double')]),
    operatorCase('int64', [integers([2, 3], -9, 9), integers([3, 2], -9, 9)]),
    operatorCase('half precision', [spread([3, 4], -2, 2, 'float16'), spread([4, 2], -2, 2, 'float16')], {
      differentiable: [],
    }),
  ],
  Gemm: [
    gemm([3, 4], [4, 2], [2]),
    gemm([4, 3], [4, 2], [3, 1], 1, 0),
    gemm([3, 4], [2, 4], [2], 0, 1),
    gemm([4, 3], [2, 4], [3, 2], 1, 1),
    gemm([3, 4], [4, 2], undefined),
    operatorCase('factors', [spread([3, 4]), spread([4, 2]), spread([])], {
      attributes: { alpha: { float: 0.5 }, beta: { float: -2 } },
    }),
  ],
  Einsum: [
    einsum('ij,jk->ik', [2, 3], [3, 4]),
    einsum('bij,bjk->bik', [2, 2, 3], [2, 3, 2]),
    einsum('bhid,bhjd->bhij', [2, 2, 3, 2], [2, 2, 4, 2]),
    einsum('bhij,bhjd->bhid', [1, 2, 3, 4], [1, 2, 4, 2]),
    einsum('bld,hd->blh', [2, 3, 4], [2, 4]),
    einsum('ij->ji', [2, 3]),
    einsum('ij->i', [2, 3]),
    einsum('ij->', [2, 3]),
    einsum('ii->i', [3, 3]),
    einsum('ij,jk', [2, 3], [3, 4]),
    einsum('i,j->ij', [3], [4]),
    einsum('...ij,...jk->...ik', [2, 3, 4], [2, 4, 2]),
    einsum('bnchw,kc->bnkhw', [1, 2, 3, 2, 2], [4, 3]),
    einsum('ij,ij->', [2, 3], [2, 3]),
    einsum('ij,jk,kl->il', [2, 3], [3, 2], [2, 4]),
  ],
  'com.microsoft.Gelu': [operatorCase('floats', [spread([24], -3, 3)])],
  'com.microsoft.FastGelu': [
    operatorCase('no bias', [spread([24], -3, 3)]),
    operatorCase('bias', [spread([3, 4]), spread([4])]),
  ],
  'com.microsoft.BiasGelu': [operatorCase('bias', [spread([2, 3, 4]), spread([4])])],
  'com.microsoft.QuickGelu': [
    operatorCase('default', [spread([24], -3, 3)]),
    operatorCase('alpha', [spread([24], -3, 3)], { attributes: { alpha: { float: 1 } } }),
  ],
  'com.microsoft.SkipLayerNormalization': [
    skip([tokens(), tokens(), spread([WIDTH], 0.5, 1.5)], 1, []),
    skip([tokens(), tokens(), spread([WIDTH], 0.5, 1.5), spread([WIDTH])], 1, []),
    skip([tokens(), tokens(), spread([WIDTH], 0.5, 1.5), spread([WIDTH]), spread([WIDTH])], 4, [1, 2]),
  ],
  'com.microsoft.FusedMatMul': [
    operatorCase('plain', [spread([3, 4]), spread([4, 2])]),
    operatorCase('scaled', [spread([2, 3, 4]), spread([2, 5, 4])], {
      attributes: { ...attributes({ transB: 1 }), alpha: { float: 0.5 } },
    }),
    operatorCase('both transposed', [spread([2, 4, 3]), spread([2, 5, 4])], {
      attributes: attributes({ transA: 1, transB: 1 }),
    }),
    operatorCase('batch in the middle', [spread([3, 2, 4]), spread([2, 4, 5])], {
      attributes: attributes({ transBatchA: 1 }),
    }),
  ],
  'com.microsoft.Attention': [
    operatorCase('plain', projected(), { attributes: heads }),
    operatorCase('causal', projected(), { attributes: { ...heads, ...attributes({ unidirectional: 1 }) } }),
    operatorCase('mask of keys', [...projected(), MASK], { attributes: heads }),
    operatorCase('lengths', [...projected(), of('int32', [BATCH], 3, 2)], { attributes: heads }),
    operatorCase(
      'mask of pairs',
      [...projected(), of('int32', [BATCH, LENGTH, LENGTH], 1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1)],
      { attributes: heads },
    ),
    operatorCase('scale', projected(), { attributes: { ...heads, scale: { float: 0.3 } } }),
    operatorCase('other sizes', [tokens(), spread([WIDTH, 16], -1, 1), spread([16], -1, 1)], {
      attributes: { ...heads, ...attributes({ qkv_hidden_sizes: [4, 4, 8] }) },
    }),
    operatorCase('past', [...projected(), undefined, spread([2, BATCH, HEADS, 2, 2])] as TensorLiteral[], {
      attributes: heads,
      outputs: 2,
    }),
    operatorCase(
      'bias of scores',
      [...projected(), undefined, undefined, spread([BATCH, HEADS, LENGTH, LENGTH])] as TensorLiteral[],
      { attributes: heads },
    ),
  ],
  'com.microsoft.MultiHeadAttention': [
    operatorCase('plain', [tokens(), tokens(), tokens()], { attributes: heads }),
    operatorCase('bias', [tokens(), tokens(), tokens(), spread([3 * WIDTH])], { attributes: heads }),
    operatorCase('other length of keys', [tokens(), tokens(5), tokens(5)], { attributes: heads }),
    operatorCase('wider values', [tokens(), tokens(), tokens(LENGTH, 8)], { attributes: heads }),
    operatorCase('mask of keys', [tokens(), tokens(), tokens(), undefined, MASK], { attributes: heads }),
    operatorCase(
      'bias of scores',
      [tokens(), tokens(), tokens(), undefined, undefined, spread([1, HEADS, LENGTH, LENGTH])],
      { attributes: heads },
    ),
    operatorCase('causal', [tokens(), tokens(), tokens()], {
      attributes: { ...heads, ...attributes({ unidirectional: 1 }), scale: { float: 0.4 } },
    }),
    operatorCase(
      'past',
      [
        tokens(),
        tokens(),
        tokens(),
        undefined,
        undefined,
        undefined,
        spread([BATCH, HEADS, 2, 2]),
        spread([BATCH, HEADS, 2, 2]),
      ],
      { attributes: heads, outputs: 3 },
    ),
  ],
  'com.microsoft.EmbedLayerNormalization': [
    operatorCase('with segments', [integers([2, 3], 0, 7, 'int32'), integers([2, 3], 0, 2, 'int32'), ...embeddings()], {
      attributes: { epsilon: { float: 1e-5 } },
      outputs: 2,
    }),
    operatorCase(
      'with mask',
      [
        integers([2, 3], 0, 7, 'int32'),
        integers([2, 3], 0, 2, 'int32'),
        ...embeddings(),
        of('int32', [2, 3], 1, 1, 0, 1, 1, 1),
      ],
      { attributes: { epsilon: { float: 1e-5 } }, outputs: 3 },
    ),
  ],
} satisfies Record<string, OperatorCases>
