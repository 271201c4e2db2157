import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { BLOCK_ROWS, fillColumn } from './columns.ts'
import { scorerOf } from './scorer.ts'

/** Sums of leaf values on top of the base scores, row-major [rows x outputs]. */
export function scoreRows(model: BoostingModel, { values, rowCount }: FeatureMatrix): Float64Array {
  const { baseScores } = model
  const scorer = scorerOf(model)
  const { block, columns, scores } = scorer
  const all = new Float64Array(rowCount * baseScores.length)
  for (let begin = 0; begin < rowCount; begin += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - begin)
    for (const [i, column] of columns.entries()) fillColumn(block, i, column, values[column.feature]!, begin, count)
    for (const [output, base] of baseScores.entries()) {
      scores.fill(base)
      // The kernels take rows in eights; what they compute for rows beyond the last one is not read.
      scorer.addToRows(output, block.floats.byteOffset, count, scores.byteOffset)
      for (let i = 0; i < count; i++) all[(begin + i) * baseScores.length + output] = scores[i]!
    }
  }
  return all
}
