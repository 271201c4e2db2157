import { createOperations, int64s, type Operations, type TypedValue } from '../../../onnx/index.ts'
import { fixedSize } from '../layers/sizes.ts'
import type { Loss } from '../network/compile.ts'
import { named } from './targets.ts'
import { weightedMean } from './weighted-mean.ts'

export interface ConnectionistTemporalOptions<Output extends string, Target extends string> {
  /** Scores of each class at each step: [N, steps, classes]. */
  readonly output: Output
  /** The classes in their order, int64 [N, length]; shorter ones are filled up with `blank`. */
  readonly target: Target
  /** How many steps of each row there are, int64 [N]. Default: all. */
  readonly inputLengths?: Target
  /** The class that stands for nothing. Default 0. */
  readonly blank?: number
}

/** The logarithm of a probability that is as good as zero. */
const NEVER = -1e30

/**
 * Connectionist temporal classification (Graves et al. 2006): the negative log likelihood of the target under all alignments
 * with the steps, divided by the target's length as in PyTorch, the mean over rows. Rows whose target does not fit into their
 * steps count as 0. Forward algorithm in log space, step by step.
 */
export function connectionistTemporal<Output extends string, Target extends string>(
  options: ConnectionistTemporalOptions<Output, Target>,
): Loss<Output, Target> {
  const { blank = 0 } = options
  return (graph, outputs, targets, rowWeight) => {
    const operations = createOperations(graph)
    const scores = named(outputs, options.output, 'output')
    const target = named(targets, options.target, 'target')
    const lengths = options.inputLengths && named(targets, options.inputLengths, 'target')
    const places = withBlanks(operations, target, blank)
    const emissions = emissionsOf(operations, scores, places)
    const final = forward(operations, emissions, skipsOf(operations, places, blank), lengths)
    const isLabel = operations.cast(
      operations.node('Not', [operations.equal(target, graph.constant(int64s([blank], [])))]),
      'int64',
    )
    const labels = operations.sum(isLabel, [1], true)
    const likelihood = ending(operations, final, labels)
    const perLabel = operations.div(
      operations.neg(likelihood),
      operations.node('Max', [
        operations.cast(operations.squeeze(labels, [1]), 'float'),
        operations.scalar(1, likelihood),
      ]),
    )
    const fits = operations.node('Greater', [likelihood, operations.scalar(NEVER / 2, likelihood)])
    return weightedMean(graph, operations.where(fits, perLabel, operations.scalar(0, likelihood)), rowWeight)
  }
}

/** Blanks before, between and after the labels: [N, 2 length + 1]. */
function withBlanks(operations: Operations, target: TypedValue, blank: number): TypedValue {
  const [rows, length] = [fixedSize(target, 0, 'the CTC target'), fixedSize(target, 1, 'the CTC target')]
  const blanks = (shape: readonly number[]): TypedValue =>
    operations.graph.constant(int64s(Array<number>(shape.reduce((a, b) => a * b, 1)).fill(blank), shape))
  const pairs = operations.concat([blanks([rows, length, 1]), operations.unsqueeze(target, [2])], 2)
  return operations.concat([operations.reshape(pairs, [rows, 2 * length]), blanks([rows, 1])], 1)
}

/** The log probability of each place at each step: steps times [N, places]. */
function emissionsOf(operations: Operations, scores: TypedValue, places: TypedValue): readonly TypedValue[] {
  const logProbabilities = operations.node('LogSoftmax', [scores], { axis: { int: -1 } })
  const [rows, steps] = [fixedSize(scores, 0, 'the CTC output'), fixedSize(scores, 1, 'the CTC output')]
  const shape = [rows, steps, Number(places.shape[1])]
  const classes = operations.node('Expand', [operations.unsqueeze(places, [1]), operations.ints(shape)])
  const all = operations.node('GatherElements', [logProbabilities, classes], { axis: { int: 2 } })
  return operations.graph
    .nodeWithOutputs('Split', steps, [all, operations.ints(Array<number>(steps).fill(1))], { axis: { int: 1 } })
    .map((step) => operations.squeeze(step, [1]))
}

/** Which places may be reached from two places before: labels that differ from the label before them. 0 or NEVER. */
function skipsOf(operations: Operations, places: TypedValue, blank: number): TypedValue {
  const before = shifted(operations, places, 2, operations.graph.constant(int64s([blank], [])))
  const like = { type: 'float' } as const
  const isBlank = operations.equal(places, operations.graph.constant(int64s([blank], [])))
  const barred = operations.node('Or', [isBlank, operations.equal(places, before)])
  return operations.where(barred, operations.scalar(NEVER, like), operations.scalar(0, like))
}

/** Columns moved to the right, with `fill` at the left. */
function shifted(operations: Operations, value: TypedValue, by: number, fill: TypedValue): TypedValue {
  const [rows, columns] = value.shape.map(Number) as [number, number]
  const left = operations.node('Expand', [fill, operations.ints([rows, by])])
  return operations.concat([left, operations.slice(value, [{ axis: 1, start: 0, end: columns - by }])], 1)
}

/** The log probability of being at each place after the last step: [N, places]. */
function forward(
  operations: Operations,
  emissions: readonly TypedValue[],
  skips: TypedValue,
  lengths: TypedValue | undefined,
): TypedValue {
  const never = operations.scalar(NEVER, { type: 'float' })
  const stack = (values: readonly TypedValue[]): TypedValue =>
    operations.concat(
      values.map((value) => operations.unsqueeze(value, [2])),
      2,
    )
  return emissions.slice(1).reduce(
    (reached, emission, i) => {
      const skipping = operations.add(shifted(operations, reached, 2, never), skips)
      const ways = stack([reached, shifted(operations, reached, 1, never), skipping])
      const next = operations.add(logSumExp(operations, ways, 2), emission)
      if (lengths === undefined) return next
      const isThere = operations.node('Greater', [lengths, operations.ints([i + 1])])
      return operations.where(operations.unsqueeze(isThere, [1]), next, reached)
    },
    start(operations, emissions[0]!),
  )
}

/** At the first step only the first blank and the first label are reached. */
function start(operations: Operations, emission: TypedValue): TypedValue {
  const places = Number(emission.shape[1])
  const open = Float32Array.from({ length: places }, (_, place) => (place < 2 ? 0 : NEVER))
  return operations.add(emission, operations.graph.constant({ type: 'float', shape: [places], data: open }))
}

/** A row ends on its last label or on the blank after it: [N]. */
function ending(operations: Operations, final: TypedValue, labels: TypedValue): TypedValue {
  const one = operations.ints([1])
  const blankPlace = operations.add(labels, labels)
  const labelPlace = operations.node('Max', [operations.sub(blankPlace, one), operations.ints([0])])
  const at = (place: TypedValue): TypedValue => operations.node('GatherElements', [final, place], { axis: { int: 1 } })
  const hasLabel = operations.node('Greater', [labels, operations.ints([0])])
  const onLabel = operations.where(hasLabel, at(labelPlace), operations.scalar(NEVER, final))
  return logSumExp(operations, operations.concat([at(blankPlace), onLabel], 1), 1)
}

const logSumExp = (operations: Operations, x: TypedValue, axis: number): TypedValue =>
  operations.node('ReduceLogSumExp', [x, operations.ints([axis])], { keepdims: { int: 0 } })
