import { FivefoldError } from '../../../core/index.ts'
import { createOperations, floats, int64s, type Operations, type TypedValue } from '../../../onnx/index.ts'
import type { Loss } from '../network/compile.ts'
import { declareIndexRange } from '../network/index-range.ts'
import type { NamedValues } from '../network/network.ts'
import { named } from './targets.ts'
import { atLeastTiny } from './weighted-mean.ts'

export interface CrossEntropyOptions<Output extends string, Target extends string> {
  /** The network's output with one score for each class: [N, classes], or [N, steps, classes]. */
  readonly output: Output
  /** The target with class numbers, int64: [N], or [N, steps]. */
  readonly target: Target
  /** Share of the target's probability that is spread over all classes (Szegedy et al. 2016). Default 0. */
  readonly labelSmoothing?: number
  /** A weight for each class; rows count by their class's weight, as in PyTorch. */
  readonly classWeights?: readonly number[]
  /** The target that marks padding: it does not count. Default -100, as in PyTorch. */
  readonly ignored?: number
}

const IGNORED = -100

/** Softmax cross entropy, -sum_k q_k log softmax(x)_k with q the smoothed target, over all rows and steps that count; 0 where none does. */
export function crossEntropy<Output extends string, Target extends string>(
  options: CrossEntropyOptions<Output, Target>,
): Loss<Output, Target> {
  return (graph, outputs, targets, rowWeight) => {
    const operations = createOperations(graph)
    const scores = named(outputs, options.output, 'output')
    const target = classCodes(targets, options)
    declareIndexRange(target, { count: Number(scores.shape.at(-1)), ignored: options.ignored ?? IGNORED })
    const logProbabilities = operations.node('LogSoftmax', [scores], { axis: { int: -1 } })
    const ignored = graph.constant(int64s([options.ignored ?? IGNORED], []))
    const isIgnored = operations.equal(target, ignored)
    // Any class will do for what does not count: its weight is 0.
    const classes = operations.where(isIgnored, graph.constant(int64s([0], [])), target)
    const weights = itemWeights(operations, options, classes, isIgnored, rowWeight)
    const total = (value: TypedValue): TypedValue => operations.sum(value, [...value.shape.keys()])
    const counted = atLeastTiny(graph, total(weights.ofTarget))
    const likelihood = total(operations.mul(pick(operations, logProbabilities, classes), weights.ofTarget))
    const loss = operations.neg(operations.div(likelihood, counted))
    const smoothing = options.labelSmoothing ?? 0
    if (smoothing === 0) return loss
    const spread = total(operations.mul(weights.overClasses(logProbabilities), weights.ofItem))
    const classCount = Number(scores.shape.at(-1))
    const even = operations.scale(operations.div(spread, counted), -smoothing / classCount)
    return operations.add(operations.scale(loss, 1 - smoothing), even)
  }
}

function classCodes(targets: NamedValues, options: CrossEntropyOptions<string, string>): TypedValue {
  const target = named(targets, options.target, 'target')
  if (target.type === 'int64') return target
  throw new FivefoldError(
    'OPTION_INVALID',
    `the target '${options.target}' holds ${target.type}; class numbers are int64`,
    {
      remedy: `Declare it as tensor('int64') and feed a BigInt64Array; for probabilities of classes take distillation.`,
    },
  )
}

/** The value of each item's class: [N, ..., classes] to [N, ...]. */
function pick(operations: Operations, values: TypedValue, classes: TypedValue): TypedValue {
  const axis = values.shape.length - 1
  const column = operations.unsqueeze(classes, [axis])
  return operations.squeeze(operations.node('GatherElements', [values, column], { axis: { int: axis } }), [axis])
}

interface ItemWeights {
  /** The row's weight, 0 where ignored: [N, ...]. */
  readonly ofItem: TypedValue
  /** The same times the weight of the target's class. */
  readonly ofTarget: TypedValue
  /** Sums over classes, each with its weight: [N, ..., classes] to [N, ...]. */
  overClasses(values: TypedValue): TypedValue
}

function itemWeights(
  operations: Operations,
  { classWeights }: { readonly classWeights?: readonly number[] },
  classes: TypedValue,
  isIgnored: TypedValue,
  rowWeight: TypedValue,
): ItemWeights {
  const rows = operations.unsqueeze(
    rowWeight,
    classes.shape.slice(1).map((_, i) => i + 1),
  )
  const ofItem = operations.where(isIgnored, operations.scalar(0, rowWeight), rows)
  const sumOfClasses = (values: TypedValue): TypedValue => operations.sum(values, [values.shape.length - 1])
  if (classWeights === undefined) return { ofItem, ofTarget: ofItem, overClasses: sumOfClasses }
  const table = operations.graph.constant(floats(classWeights))
  return {
    ofItem,
    ofTarget: operations.mul(operations.node('Gather', [table, classes]), ofItem),
    overClasses: (values) => sumOfClasses(operations.mul(values, table)),
  }
}
