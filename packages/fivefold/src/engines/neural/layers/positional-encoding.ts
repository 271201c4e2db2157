import { FivefoldError } from '../../../core/index.ts'
import { createOperations, floats, type TypedValue } from '../../../onnx/index.ts'
import { type Initializer, normal } from '../network/initializer.ts'
import type { Scope } from '../network/scope.ts'
import { expectAxes, fixedSize } from './sizes.ts'

/**
 * Adds sines and cosines of wave lengths from 2 pi to 20000 pi to [N, steps, features] (Vaswani et al. 2017): features 2i and
 * 2i + 1 of step t get sin and cos of t / 10000^(2i / features).
 */
export function sinusoidalPositions(scope: Scope, x: TypedValue): TypedValue {
  expectAxes(x, 'N, steps, features', `${scope.path}sinusoidalPositions`)
  const steps = fixedSize(x, 1, 'sinusoidalPositions')
  const features = fixedSize(x, 2, 'sinusoidalPositions')
  const table = new Float32Array(steps * features)
  for (let i = 0; i < table.length; i++) {
    const feature = i % features
    const angle = Math.floor(i / features) / 10_000 ** ((feature - (feature % 2)) / features)
    table[i] = feature % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
  }
  return createOperations(scope.graph).add(x, scope.graph.constant(floats(table, [steps, features])))
}

export interface LearnedPositionsOptions {
  /** The longest sequence that there is a row for. Default: that of x. */
  readonly longest?: number
  /** Default: normal with deviation 0.02, as GPT-2 and BERT start. */
  readonly initializer?: Initializer
}

/** Adds a trained row for each step to [N, steps, features]. Parameter `weight` [longest, features]. */
export function learnedPositions(
  scope: Scope,
  name: string,
  x: TypedValue,
  options: LearnedPositionsOptions = {},
): TypedValue {
  const layer = scope.path + name
  expectAxes(x, 'N, steps, features', layer)
  const steps = fixedSize(x, 1, layer)
  const { longest = steps, initializer = normal(0.02) } = options
  if (longest < steps)
    throw new FivefoldError('OPTION_INVALID', `${layer}: sequences of ${steps} steps, but only ${longest} positions`)
  const weight = scope.within(name).parameter('weight', [longest, fixedSize(x, 2, layer)], initializer)
  const operations = createOperations(scope.graph)
  return operations.add(x, operations.slice(weight, [{ axis: 0, start: 0, end: steps }]))
}
