import { FivefoldError } from '../../../core/index.ts'
import { floatAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import type { TypedNode, TypedValue } from '../../graph/typed-value.ts'
import type { Activate } from './general-cells.ts'

type Constants = readonly [alpha: number, beta: number]

interface Kind {
  /** Defaults of the constants that it takes. */
  readonly alpha?: number
  readonly beta?: number
  write(x: TypedValue, constants: Constants, ops: Operations): TypedValue
}

const plain = (op: 'Sigmoid' | 'Tanh' | 'Relu' | 'Softsign' | 'Softplus'): Kind => ({
  write: (x, _, ops) => ops.node(op, [x]),
})

const withAlpha = (op: 'LeakyRelu' | 'ThresholdedRelu' | 'Elu', alpha: number): Kind => ({
  alpha,
  write: (x, [value], ops) => ops.node(op, [x], { alpha: { float: value } }),
})

/** The activations of recurrent operators by their names in lower case. */
const KINDS: Readonly<Record<string, Kind>> = {
  sigmoid: plain('Sigmoid'),
  tanh: plain('Tanh'),
  relu: plain('Relu'),
  softsign: plain('Softsign'),
  softplus: plain('Softplus'),
  leakyrelu: withAlpha('LeakyRelu', 0.01),
  thresholdedrelu: withAlpha('ThresholdedRelu', 1),
  elu: withAlpha('Elu', 1),
  affine: { alpha: 1, beta: 0, write: (x, [alpha, beta], ops) => ops.shift(ops.scale(x, alpha), beta) },
  scaledtanh: {
    alpha: 1,
    beta: 1,
    write: (x, [alpha, beta], ops) => ops.scale(ops.node('Tanh', [ops.scale(x, beta)]), alpha),
  },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    write: (x, [alpha, beta], ops) => ops.node('HardSigmoid', [x], { alpha: { float: alpha }, beta: { float: beta } }),
  },
}

/** Names of the activations of one direction; `absent` where the node gives none. */
export function activationNames(node: TypedNode, absent: readonly string[], direction: number): readonly string[] {
  const { activations } = node.attributes
  const named = activations !== undefined && 'strings' in activations ? activations.strings : [...absent, ...absent]
  return named.slice(direction * absent.length, (direction + 1) * absent.length)
}

/**
 * The activations of one direction, behind the clipping that the node asks for. The lists of constants go to those activations
 * that take them, in their order.
 */
export function cellActivations(
  node: TypedNode,
  absent: readonly string[],
  direction: number,
  ops: Operations,
): Activate[] {
  const alphas = floatsOf(node, 'activation_alpha')
  const betas = floatsOf(node, 'activation_beta')
  const all = [0, 1]
    .flatMap((d) => activationNames(node, absent, d))
    .map((name): Activate => {
      const kind = KINDS[name.toLowerCase()]
      if (kind === undefined)
        throw new FivefoldError('GRAPH_UNSUPPORTED', `node '${node.name}': the activation '${name}' is unknown`)
      const constants = [
        kind.alpha === undefined ? 0 : (alphas.shift() ?? kind.alpha),
        kind.beta === undefined ? 0 : (betas.shift() ?? kind.beta),
      ] as const
      return (x) => kind.write(clipped(x, node, ops), constants, ops)
    })
  return all.slice(direction * absent.length, (direction + 1) * absent.length)
}

function clipped(x: TypedValue, node: TypedNode, ops: Operations): TypedValue {
  const limit = floatAttribute(node.attributes, 'clip', 0)
  return limit === 0 ? x : ops.node('Clip', [x, ops.scalar(-limit, x), ops.scalar(limit, x)])
}

function floatsOf({ attributes }: TypedNode, name: string): number[] {
  const attribute = attributes[name]
  return attribute !== undefined && 'floats' in attribute ? [...attribute.floats] : []
}
