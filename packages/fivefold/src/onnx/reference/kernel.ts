import { FivefoldError } from '../../core/index.ts'
import type { Attributes } from '../graph/attribute.ts'
import type { TensorLiteral } from '../tensor.ts'

/** What a reference kernel is given: values instead of names. */
export interface KernelCall {
  readonly attributes: Attributes
  readonly inputs: readonly (TensorLiteral | undefined)[]
  readonly outputCount: number
  readonly opset: number
}

/** Computes a node's outputs in plain TypeScript: written to be read, not to be fast. */
export type Kernel = (call: KernelCall) => readonly TensorLiteral[]

/** The input at `index`. Throws GRAPH_INVALID where it is absent. */
export function inputAt({ inputs }: Pick<KernelCall, 'inputs'>, index: number): TensorLiteral {
  const input = inputs[index]
  if (input === undefined) throw new FivefoldError('GRAPH_INVALID', `input ${index} is missing`)
  return input
}

/** An input of integers such as axes or sizes, as numbers; undefined where it is absent. */
export function intsAt({ inputs }: Pick<KernelCall, 'inputs'>, index: number): number[] | undefined {
  const data = inputs[index]?.data
  return data === undefined ? undefined : Array.from(data as ArrayLike<number | bigint>, Number)
}

export const invalid = (message: string): FivefoldError => new FivefoldError('GRAPH_INVALID', message)
