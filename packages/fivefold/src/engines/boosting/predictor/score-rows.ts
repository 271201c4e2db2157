import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { BLOCK_ROWS, type Scorer, scorerOf } from './scorer.ts'

/** Sums of leaf values on top of the base scores, row-major [rows x outputs]. */
export function scoreRows(model: BoostingModel, { values, rowCount }: FeatureMatrix): Float64Array {
  const { baseScores } = model
  const scorer = scorerOf(model)
  const { block, scores } = scorer
  const all = new Float64Array(rowCount * baseScores.length)
  for (let begin = 0; begin < rowCount; begin += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - begin)
    fillBlock(scorer, values, begin, count)
    for (const [output, base] of baseScores.entries()) {
      scores.fill(base)
      // The kernels take rows in eights; what they compute for rows beyond the last one is not read.
      scorer.addToRows(output, block.byteOffset, count, scores.byteOffset)
      for (let i = 0; i < count; i++) all[(begin + i) * baseScores.length + output] = scores[i]!
    }
  }
  return all
}

function fillBlock({ columns, block }: Scorer, values: FeatureMatrix['values'], begin: number, count: number): void {
  for (let column = 0; column < columns.features.length; column++) {
    const from = values[columns.features[column]!]!
    const at = column * BLOCK_ROWS
    if (columns.negated[column] === 1) for (let i = 0; i < count; i++) block[at + i] = -from[begin + i]!
    else for (let i = 0; i < count; i++) block[at + i] = from[begin + i]!
  }
}
