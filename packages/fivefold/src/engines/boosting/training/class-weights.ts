import { FivefoldError } from '../../../core/index.ts'
import type { BoostingParams } from '../parameters.ts'
import type { LabelledRows } from './labelled-rows.ts'

/**
 * Weights of rows times weights of their classes; undefined where all are one.
 * @throws OPTION_INVALID for class weights of a target that has no classes, or of a class that it does not have
 */
export function effectiveWeights(
  { target, weights }: LabelledRows,
  classWeights: BoostingParams['classWeights'],
): Float32Array | undefined {
  if (classWeights === undefined) return weights
  if (target.kind !== 'classes')
    throw new FivefoldError('OPTION_INVALID', 'boosting: classWeights need a target of classes')
  const { classes, codes } = target
  const factors = classWeights === 'balanced' ? balanced(codes, classes.length, weights) : byName(classWeights, classes)
  return Float32Array.from(codes, (code, row) => factors[code]! * (weights?.[row] ?? 1))
}

/** Total weight / (classes x weight of the class), so that all classes weigh the same and the total stays. */
function balanced(codes: Int32Array, classCount: number, weights: Float32Array | undefined): number[] {
  const sums = new Array<number>(classCount).fill(0)
  for (let row = 0; row < codes.length; row++) sums[codes[row]!]! += weights?.[row] ?? 1
  const total = sums.reduce((a, b) => a + b, 0)
  return sums.map((sum) => (sum > 0 ? total / (classCount * sum) : 0))
}

function byName(classWeights: Readonly<Record<string, number>>, classes: readonly string[]): number[] {
  const unknown = Object.keys(classWeights).find((name) => !classes.includes(name))
  if (unknown !== undefined)
    throw new FivefoldError(
      'OPTION_INVALID',
      `boosting: classWeights name '${unknown}', the classes are ${classes.join(', ')}`,
    )
  return classes.map((name) => (Object.hasOwn(classWeights, name) ? classWeights[name]! : 1))
}
