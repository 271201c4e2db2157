import { FivefoldError } from '../../core/index.ts'
import { filled, numbersOf } from './element-values.ts'
import { inputAt, type Kernel } from './kernel.ts'

/** dropout(x, ratio = 0.5, training = false). What it drops is up to the runtime, so that only dropping nothing has a meaning. */
export const dropout: Kernel = (call) => {
  const x = inputAt(call, 0)
  const [, ratio, training] = call.inputs
  const isTraining = training !== undefined && numbersOf(training)[0] !== 0
  if (isTraining && (ratio === undefined || numbersOf(ratio)[0] !== 0))
    throw new FivefoldError('GRAPH_UNSUPPORTED', 'Dropout in training draws random numbers: give it the ratio 0')
  return [x, filled('bool', x.shape, 1)]
}
