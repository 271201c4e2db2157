import type { TypedValue } from '../../../../onnx/index.ts'
import type { Scope } from '../../network/scope.ts'
import type { RecurrentCell } from './recurrent-cell.ts'
import { type RecurrentOptions, type RecurrentResult, recurrent } from './recurrent-stack.ts'

/** PyTorch orders gates input, forget, cell, output; the operator input, output, forget, cell. */
const LSTM: RecurrentCell = { operator: 'LSTM', gates: [0, 3, 1, 2], attributes: {} }

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997) over [N, steps, features]. Parameters of each layer k as PyTorch's
 * LSTM: `weight_ih_lk` [4 units, in], `weight_hh_lk` [4 units, units], `bias_ih_lk`, `bias_hh_lk`, and the same with
 * `_reverse` for the backward direction.
 *
 * @throws OPTION_INVALID naming the layer where the input does not fit
 */
export const lstm = (scope: Scope, name: string, x: TypedValue, options: RecurrentOptions): RecurrentResult =>
  recurrent(scope, name, x, options, LSTM)
