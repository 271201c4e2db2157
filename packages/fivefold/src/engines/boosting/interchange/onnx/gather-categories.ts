import type { GraphBuilder, ValueRef } from '../../../../onnx/index.ts'
import type { CategoryColumns } from './category-columns.ts'

const INT64 = { to: { int: 7 } }

/**
 * Puts the columns of the tables behind those of the matrix, looked up by the codes in it.
 *
 * @param matrix float [N, features]
 * @returns float [N, features + columns]; the matrix itself where there are no tables
 */
export function gatherCategories(tables: CategoryColumns['tables'], builder: GraphBuilder, matrix: ValueRef): ValueRef {
  if (tables.length === 0) return matrix
  const rows = tableRows(tables, builder, matrix)
  const looked = tables.map(({ codeCount, columnCount, values }, i) => {
    const row = builder.node(
      'Gather',
      [rows, builder.constant({ type: 'int64', shape: [], data: BigInt64Array.of(BigInt(i)) })],
      {
        axis: { int: 1 },
      },
    )
    const table = builder.constant({ type: 'float', shape: [codeCount + 2, columnCount], data: values })
    return builder.node('Gather', [table, row], { axis: { int: 0 } }, { name: 'boosting_categories' })
  })
  return builder.node('Concat', [matrix, ...looked], { axis: { int: 1 } })
}

/** Rows of the tables, int64 [N, tables]: the code, codeCount for codes beyond, codeCount + 1 for what is no code. */
function tableRows(tables: CategoryColumns['tables'], builder: GraphBuilder, matrix: ValueRef): ValueRef {
  const features = BigInt64Array.from(tables, ({ feature }) => BigInt(feature))
  const ofTables = (numberOf: (codeCount: number) => number): ValueRef =>
    builder.constant({
      type: 'float',
      shape: [1, tables.length],
      data: Float32Array.from(tables, ({ codeCount }) => numberOf(codeCount)),
    })
  const zero = builder.constant({ type: 'float', shape: [1, 1], data: Float32Array.of(0) })
  const values = builder.node(
    'Gather',
    [matrix, builder.constant({ type: 'int64', shape: [features.length], data: features })],
    {
      axis: { int: 1 },
    },
  )
  // NaN for NaN and infinities, which is not zero either.
  const fraction = builder.node('Sub', [values, builder.node('Floor', [values])])
  const isWhole = builder.node('Equal', [fraction, zero])
  const isCode = builder.node('And', [isWhole, builder.node('GreaterOrEqual', [values, zero])])
  const code = builder.node('Min', [values, ofTables((codeCount) => codeCount)])
  const row = builder.node('Where', [isCode, code, ofTables((codeCount) => codeCount + 1)])
  return builder.node('Cast', [row], INT64)
}
