import { FivefoldError } from '../../../core/index.ts'
import { createOperations, floats, type Operations, type TypedValue } from '../../../onnx/index.ts'
import type { Loss } from '../network/compile.ts'
import { named } from './targets.ts'
import { weightedMean } from './weighted-mean.ts'

export interface BatchContrastOptions<Output extends string> {
  /** Two outputs [N, features]: row i of one belongs to row i of the other and to no other row. */
  readonly first: Output
  readonly second: Output
  /** Similarities are cosines divided by this. Default 0.1. */
  readonly temperature?: number
}

/** A score that leaves no probability. */
const HIDDEN = -1e30

/**
 * NT-Xent, the loss of SimCLR (Chen et al. 2020): each of the 2 N views finds its partner among the other 2 N - 1. Rows of
 * weight 0 are nobody's alternatives.
 */
export function viewContrast<Output extends string>(options: BatchContrastOptions<Output>): Loss<Output, never> {
  return (graph, outputs, _targets, rowWeight) => {
    const operations = createOperations(graph)
    const [first, second] = unitPair(operations, outputs, options)
    const both = operations.concat([first, second], 0)
    const rows = Number(both.shape[0])
    const itself = new Float32Array(rows * rows)
    for (let row = 0; row < rows; row++) itself[row * rows + row] = HIDDEN
    const weights = operations.concat([rowWeight, rowWeight], 0)
    const similarities = operations.add(
      similarity(operations, both, both, options),
      operations.add(graph.constant(floats(itself, [rows, rows])), absentColumns(operations, weights)),
    )
    const partners = partnerScores(operations, first, second, options)
    const losses = operations.sub(logSumExp(operations, similarities, 1), operations.concat([partners, partners], 0))
    return weightedMean(graph, losses, weights)
  }
}

/**
 * InfoNCE both ways, the loss of CLIP (Radford et al. 2021): each row of one output finds its partner among the N of the other.
 * Rows of weight 0 are nobody's alternatives.
 */
export function pairContrast<Output extends string>(options: BatchContrastOptions<Output>): Loss<Output, never> {
  return (graph, outputs, _targets, rowWeight) => {
    const operations = createOperations(graph)
    const [first, second] = unitPair(operations, outputs, options)
    const absent = absentColumns(operations, rowWeight)
    const found = (from: TypedValue, among: TypedValue): TypedValue =>
      logSumExp(operations, operations.add(similarity(operations, from, among, options), absent), 1)
    const bothWays = operations.scale(operations.add(found(first, second), found(second, first)), 0.5)
    return weightedMean(graph, operations.sub(bothWays, partnerScores(operations, first, second, options)), rowWeight)
  }
}

type Contrast = BatchContrastOptions<string>

function unitPair(
  operations: Operations,
  outputs: Readonly<Record<string, TypedValue>>,
  { first, second, temperature = 0.1 }: Contrast,
): readonly [TypedValue, TypedValue] {
  if (!(temperature > 0))
    throw new FivefoldError('OPTION_INVALID', `the temperature ${temperature} of a contrast must be above 0`)
  return [unitRows(operations, named(outputs, first, 'output')), unitRows(operations, named(outputs, second, 'output'))]
}

/** Rows divided by their length; a row of zeros stays one. */
function unitRows(operations: Operations, x: TypedValue): TypedValue {
  const power = operations.sum(operations.mul(x, x), [1], true)
  return operations.div(x, operations.node('Sqrt', [operations.shift(power, 1e-24)]))
}

/** Cosines of every row with every row, over the temperature. */
const similarity = (
  operations: Operations,
  a: TypedValue,
  b: TypedValue,
  { temperature = 0.1 }: Contrast,
): TypedValue => operations.gemm(a, b, { transB: true, alpha: 1 / temperature })

/** Cosines of the rows that belong together, over the temperature: [N]. */
const partnerScores = (
  operations: Operations,
  a: TypedValue,
  b: TypedValue,
  { temperature = 0.1 }: Contrast,
): TypedValue => operations.scale(operations.sum(operations.mul(a, b), [1]), 1 / temperature)

/** What hides the columns of rows that are not there. */
function absentColumns(operations: Operations, weights: TypedValue): TypedValue {
  const zero = operations.scalar(0, weights)
  return operations.where(operations.node('Greater', [weights, zero]), zero, operations.scalar(HIDDEN, weights))
}

const logSumExp = (operations: Operations, x: TypedValue, axis: number): TypedValue =>
  operations.node('ReduceLogSumExp', [x, operations.ints([axis])], { keepdims: { int: 0 } })
