import { createOperations, floats, type TypedValue } from '../../../onnx/index.ts'
import { ones, zeros } from '../network/initializer.ts'
import type { Scope } from '../network/scope.ts'
import { divide, fixedSize } from './sizes.ts'

export interface LayerNormOptions {
  /** How many of the last axes are normalised together. Default 1. */
  readonly axes?: number
  /** Default 1e-5. */
  readonly epsilon?: number
  /** Default true. */
  readonly bias?: boolean
}

/** Layer normalisation (Ba et al. 2016). Parameters `weight` and `bias` in the shape of the normalised axes. */
export function layerNorm(scope: Scope, name: string, x: TypedValue, options: LayerNormOptions = {}): TypedValue {
  const { axes = 1, epsilon = 1e-5 } = options
  const shape = Array.from({ length: axes }, (_, i) => fixedSize(x, i - axes, scope.path + name))
  const inner = scope.within(name)
  const weight = inner.parameter('weight', shape, ones)
  const bias = options.bias === false ? undefined : inner.parameter('bias', shape, zeros)
  return scope.graph.node('LayerNormalization', bias ? [x, weight, bias] : [x, weight], {
    axis: { int: -axes },
    epsilon: { float: epsilon },
  })
}

export interface GroupNormOptions {
  /** Channels are normalised in this many groups. */
  readonly groups: number
  /** Default 1e-5. */
  readonly epsilon?: number
}

/** Group normalisation (Wu & He 2018) of [N, channels, ...]. Parameters `weight` and `bias` [channels]. */
export function groupNorm(scope: Scope, name: string, x: TypedValue, options: GroupNormOptions): TypedValue {
  const layer = scope.path + name
  const channels = fixedSize(x, 1, layer)
  const places = x.shape.slice(2).map((_, i) => fixedSize(x, i + 2, layer))
  const width = divide(channels, options.groups, layer, 'channels') * places.reduce((a, b) => a * b, 1)
  const operations = createOperations(scope.graph)
  // The operator of this name takes one scale for a group before opset 21; the same layer over groups laid out as channels
  // says it in every version.
  const grouped = operations.reshape(x, [-1, options.groups, width])
  const normalized = operations.reshapeLike(normalizePlaces(scope, grouped, options.groups, options.epsilon), x)
  return scaleChannels(scope, name, normalized)
}

export interface InstanceNormOptions {
  /** Default 1e-5. */
  readonly epsilon?: number
  /** Whether channels are scaled and shifted by parameters. Default false, as in PyTorch. */
  readonly affine?: boolean
}

/** Instance normalisation (Ulyanov et al. 2016): each channel of each row by itself. */
export function instanceNorm(scope: Scope, name: string, x: TypedValue, options: InstanceNormOptions = {}): TypedValue {
  const channels = fixedSize(x, 1, scope.path + name)
  if (options.affine !== true) return normalizePlaces(scope, x, channels, options.epsilon)
  const inner = scope.within(name)
  const weight = inner.parameter('weight', [channels], ones)
  const bias = inner.parameter('bias', [channels], zeros)
  return scope.graph.node('InstanceNormalization', [x, weight, bias], { epsilon: { float: options.epsilon ?? 1e-5 } })
}

function normalizePlaces(scope: Scope, x: TypedValue, channels: number, epsilon = 1e-5): TypedValue {
  const constant = (value: number): TypedValue => scope.graph.constant(floats(Array<number>(channels).fill(value)))
  return scope.graph.node('InstanceNormalization', [x, constant(1), constant(0)], { epsilon: { float: epsilon } })
}

/** x * weight + bias along axis 1. */
function scaleChannels(scope: Scope, name: string, x: TypedValue): TypedValue {
  const channels = Number(x.shape[1])
  const inner = scope.within(name)
  const operations = createOperations(scope.graph)
  const beside = (value: TypedValue): TypedValue =>
    operations.reshape(value, [channels, ...x.shape.slice(2).map(() => 1)])
  const weight = beside(inner.parameter('weight', [channels], ones))
  const bias = beside(inner.parameter('bias', [channels], zeros))
  return operations.add(operations.mul(x, weight), bias)
}

export interface RmsNormOptions {
  /** Default 1.1920929e-7, the distance between 1 and the next float32, as in PyTorch. */
  readonly epsilon?: number
}

/** Root mean square normalisation of the last axis (Zhang & Sennrich 2019). Parameter `weight`. */
export function rmsNorm(scope: Scope, name: string, x: TypedValue, options: RmsNormOptions = {}): TypedValue {
  const weight = scope.within(name).parameter('weight', [fixedSize(x, -1, scope.path + name)], ones)
  const operations = createOperations(scope.graph)
  const power = operations.mean(operations.mul(x, x), [x.shape.length - 1], true)
  const root = operations.node('Sqrt', [operations.shift(power, options.epsilon ?? 2 ** -23)])
  return operations.mul(operations.div(x, root), weight)
}
