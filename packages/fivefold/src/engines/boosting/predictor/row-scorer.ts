import { FivefoldError } from '../../../core/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { fillColumn } from './columns.ts'
import { toPredictions } from './predict.ts'
import { scorerOf } from './scorer.ts'

/**
 * Predicts single rows, in microseconds and without anything asynchronous.
 *
 * @returns a function from one row, numbers in the order of the model's features (NaN is missing; rounded to float32 as
 * features are everywhere), to its prediction: a probability for each class, or one value
 * @throws MODEL_INPUT from that function where the row has another length
 */
export function createRowScorer(model: BoostingModel): (row: ArrayLike<number>) => Float64Array {
  const { baseScores, featureNames } = model
  const scorer = scorerOf(model)
  const { block, columns } = scorer
  const width = featureNames.length
  return (row) => {
    if (row.length !== width) throw wrongLength(row.length, width)
    for (let i = 0; i < columns.length; i++) fillColumn(block, i, columns[i]!, row, columns[i]!.feature, 1)
    const scores = new Float64Array(baseScores.length)
    for (let output = 0; output < scores.length; output++)
      scores[output] = scorer.scoreRow(output, block.floats.byteOffset, baseScores[output]!)
    return toPredictions(model, scores)
  }
}

function wrongLength(length: number, width: number): FivefoldError {
  return new FivefoldError('MODEL_INPUT', `a row has ${length} values, the model takes ${width}`)
}
