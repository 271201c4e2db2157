import { createOperations, type TypedValue } from '../../../onnx/index.ts'
import { ones, zeros } from '../network/initializer.ts'
import type { Scope } from '../network/scope.ts'
import { fixedSize } from './sizes.ts'

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number
  /** Share of the new batch in the running statistics. Default 0.1, as in PyTorch. */
  readonly momentum?: number
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015) over axis 1 of [N, channels, ...]. Training uses the statistics of the batch and
 * moves the running ones towards them, with the unbiased variance as PyTorch does; inference uses the running ones. Parameters
 * `weight` and `bias`, states `running_mean` and `running_var`. Rows that only pad a batch count in its statistics: drop an
 * incomplete last batch rather than padding it.
 */
export function batchNorm(scope: Scope, name: string, x: TypedValue, options: BatchNormOptions = {}): TypedValue {
  const channels = fixedSize(x, 1, scope.path + name)
  const inner = scope.within(name)
  const weight = inner.parameter('weight', [channels], ones)
  const bias = inner.parameter('bias', [channels], zeros)
  const mean = inner.state('running_mean', [channels], 0)
  const variance = inner.state('running_var', [channels], 1)
  const epsilon = { float: options.epsilon ?? 1e-5 }
  if (!scope.training) return scope.graph.node('BatchNormalization', [x, weight, bias, mean, variance], { epsilon })
  // In training mode the runtime overwrites the running statistics that it is given, so it gets values of no use to anybody.
  // They must depend on something fed: a constant would be stored once and shared.
  const operations = createOperations(scope.graph)
  const scratch = [operations.scale(mean, 0), operations.scale(variance, 0)]
  const [y, batchMean, batchVariance] = scope.graph.nodeWithOutputs(
    'BatchNormalization',
    3,
    [x, weight, bias, ...scratch],
    { epsilon, momentum: { float: 0 }, training_mode: { int: 1 } },
  )
  const count = x.shape.reduce<number>((product, size) => product * Number(size), 1 / channels)
  const unbiased = operations.scale(batchVariance!, count / Math.max(1, count - 1))
  const towards = (old: TypedValue, batch: TypedValue, momentum = options.momentum ?? 0.1): TypedValue =>
    operations.add(operations.scale(old, 1 - momentum), operations.scale(batch, momentum))
  inner.updateState('running_mean', towards(mean, batchMean!))
  inner.updateState('running_var', towards(variance, unbiased))
  return y!
}
