import { FivefoldError } from '../../../core/index.ts'
import type { EpochMetric } from './training-options.ts'
import type { BatchArray } from './training-plan.ts'

/**
 * Share of rows whose highest score is that of their class.
 *
 * @param output scores, [N, classes]
 * @param target class codes, [N]
 */
export const accuracy =
  (output: string, target: string): EpochMetric =>
  (outputs, targets) => {
    const scores = valuesOf(outputs, output, 'output')
    const codes = valuesOf(targets, target, 'target')
    const classes = scores.length / codes.length
    let hits = 0
    for (let row = 0; row < codes.length; row++) {
      if (bestClass(scores, row * classes, classes) === Number(codes[row])) hits++
    }
    return hits / codes.length
  }

function valuesOf(values: Readonly<Record<string, BatchArray>>, name: string, what: string): BatchArray {
  const found = values[name]
  if (found !== undefined) return found
  throw new FivefoldError(
    'OPTION_INVALID',
    `the metric reads the ${what} '${name}'; there are: ${Object.keys(values).join(', ')}`,
  )
}

function bestClass(scores: ArrayLike<number | bigint>, from: number, classes: number): number {
  let best = 0
  for (let k = 1; k < classes; k++) if (scores[from + k]! > scores[from + best]!) best = k
  return best
}
