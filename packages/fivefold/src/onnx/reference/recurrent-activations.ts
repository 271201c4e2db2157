import { FivefoldError } from '../../core/index.ts'
import type { Attributes } from '../graph/attribute.ts'
import { sigmoid, softplus, softsign } from './activations.ts'

export type Activation = (x: number) => number

interface ActivationKind {
  /** Defaults of the constants that it takes; a constant that it does not take is undefined. */
  readonly alpha?: number
  readonly beta?: number
  readonly of: (x: number, alpha: number, beta: number) => number
}

const KINDS: Readonly<Record<string, ActivationKind>> = {
  sigmoid: { of: sigmoid },
  tanh: { of: Math.tanh },
  relu: { of: (x) => Math.max(0, x) },
  softsign: { of: softsign },
  softplus: { of: softplus },
  affine: { alpha: 1, beta: 0, of: (x, alpha, beta) => alpha * x + beta },
  leakyrelu: { alpha: 0.01, of: (x, alpha) => (x < 0 ? alpha * x : x) },
  thresholdedrelu: { alpha: 1, of: (x, alpha) => (x > alpha ? x : 0) },
  scaledtanh: { alpha: 1, beta: 1, of: (x, alpha, beta) => alpha * Math.tanh(beta * x) },
  hardsigmoid: { alpha: 0.2, beta: 0.5, of: (x, alpha, beta) => Math.min(1, Math.max(0, alpha * x + beta)) },
  elu: { alpha: 1, of: (x, alpha) => (x < 0 ? alpha * Math.expm1(x) : x) },
}

/** The activations of one direction. The lists of constants go to those activations that take them, in their order. */
export function activationsOf(attributes: Attributes, absent: readonly string[], direction: number): Activation[] {
  const { activations } = attributes
  const named = activations !== undefined && 'strings' in activations ? activations.strings : undefined
  const names = named ?? [...absent, ...absent]
  const alphas = [...constantsOf(attributes, 'activation_alpha')]
  const betas = [...constantsOf(attributes, 'activation_beta')]
  const all = names.map((name) => {
    const kind = KINDS[name.toLowerCase()]
    if (kind === undefined) throw new FivefoldError('GRAPH_UNSUPPORTED', `the activation '${name}' is unknown`)
    const alpha = kind.alpha === undefined ? 0 : (alphas.shift() ?? kind.alpha)
    const beta = kind.beta === undefined ? 0 : (betas.shift() ?? kind.beta)
    return (x: number) => kind.of(x, alpha, beta)
  })
  return all.slice(direction * absent.length, (direction + 1) * absent.length)
}

function constantsOf(attributes: Attributes, name: string): ArrayLike<number> & Iterable<number> {
  const attribute = attributes[name]
  return attribute !== undefined && 'floats' in attribute ? attribute.floats : []
}
