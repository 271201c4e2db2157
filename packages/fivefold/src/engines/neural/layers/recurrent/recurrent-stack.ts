import { createOperations, type TypedValue } from '../../../../onnx/index.ts'
import { fanInUniform } from '../../network/initializer.ts'
import type { Scope } from '../../network/scope.ts'
import { dropout } from '../dropout.ts'
import { expectAxes, fixedSize } from '../sizes.ts'
import type { RecurrentCell } from './recurrent-cell.ts'
import { type CellWeights, recurrentLayer } from './recurrent-layer.ts'

export interface RecurrentOptions {
  /** Size of the state of each direction. */
  readonly units: number
  /** Layers on top of each other. Default 1. */
  readonly layers?: number
  /** Whether each layer also reads from the end to the start. Default false. */
  readonly bidirectional?: boolean
  /** Rate of dropout on the output of each layer but the last. Default 0. */
  readonly dropout?: number
  /**
   * How many steps of each row are there, int64 [N]; what follows is padding: results there are zeros, and the backward
   * direction starts at the last step that is there.
   */
  readonly lengths?: TypedValue
}

export interface RecurrentResult {
  /** The top layer's output at every step: [N, steps, units], or [N, steps, 2 units] with both directions. */
  readonly sequence: TypedValue
  /** The top layer's state after its last step, both directions side by side: [N, units] or [N, 2 units]. */
  readonly last: TypedValue
}

/** Layers of one kind of cell on top of each other. Gradients unroll the operator into steps, the served graph keeps it. */
export function recurrent(
  scope: Scope,
  name: string,
  x: TypedValue,
  options: RecurrentOptions,
  cell: RecurrentCell,
): RecurrentResult {
  expectAxes(x, 'N, steps, features', scope.path + name)
  const { layers = 1, dropout: rate = 0, lengths } = options
  const operations = createOperations(scope.graph)
  const inner = scope.within(name)
  // Time first between the layers, as the operator has it.
  let result: RecurrentResult = { sequence: operations.transpose(x, [1, 0, 2]), last: x }
  for (let layer = 0; layer < layers; layer++) {
    const below = layer === 0 ? result.sequence : dropout(inner, `dropout_l${layer}`, result.sequence, { rate })
    const directions = declareDirections(inner, layer, below, options, cell.gates.length)
    result = recurrentLayer(operations, cell, { x: below, directions, lengths })
  }
  return { sequence: operations.transpose(result.sequence, [1, 0, 2]), last: result.last }
}

function declareDirections(
  scope: Scope,
  layer: number,
  x: TypedValue,
  { units, bidirectional = false }: RecurrentOptions,
  gates: number,
): readonly CellWeights[] {
  const inputs = fixedSize(x, -1, scope.path)
  const fan = { fanIn: units, fanOut: units }
  const declare = (kind: string, suffix: string, ...rest: number[]): TypedValue =>
    scope.parameter(`${kind}_l${layer}${suffix}`, [gates * units, ...rest], fanInUniform, fan)
  return (bidirectional ? ['', '_reverse'] : ['']).map((suffix) => ({
    input: declare('weight_ih', suffix, inputs),
    hidden: declare('weight_hh', suffix, units),
    inputBias: declare('bias_ih', suffix),
    hiddenBias: declare('bias_hh', suffix),
  }))
}
