import type { Program } from '../network/compile.ts'
import type { Batch, BatchArray } from './training-plan.ts'

/** The sum of the weights of a batch's rows. */
export function totalWeight({ batchSize }: Pick<Program, 'batchSize'>, { weights }: Batch): number {
  return weights === undefined ? batchSize : weights.reduce((sum, weight) => sum + weight, 0)
}

/** Whether every target that may be marked as not counting is so marked, in all rows that weigh something. */
export function isAllIgnored({ indexRanges }: Pick<Program, 'indexRanges'>, { fields, weights }: Batch): boolean {
  const markable = Object.entries(indexRanges).filter(([, { ignored }]) => ignored !== undefined)
  return markable.length > 0 && markable.every(([name, { ignored }]) => holdsOnly(fields[name]!, ignored!, weights))
}

function holdsOnly(data: BatchArray, value: number, weights: Float32Array | undefined): boolean {
  const rowLength = weights === undefined ? 1 : data.length / weights.length
  for (let i = 0; i < data.length; i++)
    if (Number(data[i]) !== value && weights?.[Math.floor(i / rowLength)] !== 0) return false
  return true
}
