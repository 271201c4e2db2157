import type { TypedValue } from '../../../../onnx/index.ts'
import type { Scope } from '../../network/scope.ts'
import type { RecurrentCell } from './recurrent-cell.ts'
import { type RecurrentOptions, type RecurrentResult, recurrent } from './recurrent-stack.ts'

/**
 * PyTorch orders gates reset, update, candidate; the operator update, reset, candidate. The reset gate scales the candidate's
 * product with the state, its bias included.
 */
const GRU: RecurrentCell = { operator: 'GRU', gates: [1, 0, 2], attributes: { linear_before_reset: { int: 1 } } }

/**
 * Gated recurrent unit (Cho et al. 2014) over [N, steps, features]. Parameters of each layer k as PyTorch's GRU:
 * `weight_ih_lk` [3 units, in], `weight_hh_lk` [3 units, units], `bias_ih_lk`, `bias_hh_lk`, and the same with `_reverse` for
 * the backward direction.
 *
 * @throws OPTION_INVALID naming the layer where the input does not fit
 */
export const gru = (scope: Scope, name: string, x: TypedValue, options: RecurrentOptions): RecurrentResult =>
  recurrent(scope, name, x, options, GRU)
