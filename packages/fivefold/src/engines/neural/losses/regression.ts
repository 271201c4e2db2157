import { FivefoldError } from '../../../core/index.ts'
import { createOperations, floats, type Operations, type TypedValue } from '../../../onnx/index.ts'
import type { Loss } from '../network/compile.ts'
import { named, shapedLike } from './targets.ts'
import { meanOfRows } from './weighted-mean.ts'

export interface RegressionLossOptions<Output extends string, Target extends string> {
  /** The network's output: [N, ...]. */
  readonly output: Output
  /** As many numbers as the output has. */
  readonly target: Target
}

/** Mean of (y - t)^2. */
export const meanSquared = <Output extends string, Target extends string>(
  options: RegressionLossOptions<Output, Target>,
): Loss<Output, Target> => ofErrors(options, ({ mul }, error) => mul(error, error))

/** Mean of |y - t|. */
export const meanAbsolute = <Output extends string, Target extends string>(
  options: RegressionLossOptions<Output, Target>,
): Loss<Output, Target> => ofErrors(options, ({ node }, error) => node('Abs', [error]))

export interface HuberOptions<Output extends string, Target extends string>
  extends RegressionLossOptions<Output, Target> {
  /** Errors up to here count squared, larger ones linearly. Default 1. */
  readonly delta?: number
}

/** e^2 / 2 up to delta, delta (|e| - delta / 2) beyond (Huber 1964): c (|e| - c / 2) with c = min(|e|, delta). */
export function huber<Output extends string, Target extends string>(
  options: HuberOptions<Output, Target>,
): Loss<Output, Target> {
  const { delta = 1 } = options
  if (!(delta > 0)) throw new FivefoldError('OPTION_INVALID', `the delta ${delta} of a Huber loss must be above 0`)
  return ofErrors(options, ({ node, scalar, mul, sub, scale }, error) => {
    const size = node('Abs', [error])
    const bounded = node('Min', [size, scalar(delta, size)])
    return mul(bounded, sub(size, scale(bounded, 0.5)))
  })
}

function ofErrors<Output extends string, Target extends string>(
  options: RegressionLossOptions<Output, Target>,
  write: (operations: Operations, error: TypedValue) => TypedValue,
): Loss<Output, Target> {
  return (graph, outputs, targets, rowWeight) => {
    const operations = createOperations(graph)
    const output = named(outputs, options.output, 'output')
    const target = shapedLike(operations, named(targets, options.target, 'target'), output)
    return meanOfRows(graph, write(operations, operations.sub(output, target)), rowWeight)
  }
}

export interface QuantileOptions<Output extends string, Target extends string>
  extends RegressionLossOptions<Output, Target> {
  /** The network's output with one number for each quantile: [N, ..., quantiles]. */
  readonly output: Output
  /** [N, ...] */
  readonly target: Target
  /** Each between 0 and 1. */
  readonly quantiles: readonly number[]
}

/** Pinball loss (Koenker & Bassett 1978), the mean over quantiles q of max(q e, (q - 1) e) with e = t - y. */
export function quantile<Output extends string, Target extends string>(
  options: QuantileOptions<Output, Target>,
): Loss<Output, Target> {
  const { quantiles } = options
  if (quantiles.length === 0 || quantiles.some((q) => !(q > 0 && q < 1)))
    throw new FivefoldError('OPTION_INVALID', `quantiles lie between 0 and 1, got ${quantiles.join(', ')}`)
  return (graph, outputs, targets, rowWeight) => {
    const operations = createOperations(graph)
    const output = named(outputs, options.output, 'output')
    if (output.shape.at(-1) !== quantiles.length)
      throw new FivefoldError(
        'OPTION_INVALID',
        `the output [${output.shape.join(', ')}] must have ${quantiles.length} quantiles in its last axis`,
      )
    const single = { ...output, shape: [...output.shape.slice(0, -1), 1] }
    const target = shapedLike(operations, named(targets, options.target, 'target'), single)
    const error = operations.sub(target, output)
    // max(q e, (q - 1) e) = q e + max(-e, 0)
    const tilted = operations.mul(error, graph.constant(floats(quantiles)))
    const losses = operations.add(tilted, operations.node('Relu', [operations.neg(error)]))
    return meanOfRows(graph, losses, rowWeight)
  }
}
