import { FivefoldError } from '../../../core/index.ts'
import { createOperations } from '../../../onnx/index.ts'
import type { Loss } from '../network/compile.ts'
import { named, shapedLike } from './targets.ts'
import { meanOfRows } from './weighted-mean.ts'

export interface DistillationOptions<Output extends string, Target extends string> {
  /** The student's scores: [N, ..., classes]. */
  readonly output: Output
  /** The teacher's scores, fed as a target of the same shape. */
  readonly target: Target
  /** Softens both distributions. Default 2. */
  readonly temperature?: number
}

/**
 * T^2 KL(softmax(teacher / T) || softmax(student / T)), the mean over rows (Hinton et al. 2015); T^2 keeps the size of the
 * gradient. Combine it with a loss over the labels by `sumOfLosses`.
 */
export function distillation<Output extends string, Target extends string>(
  options: DistillationOptions<Output, Target>,
): Loss<Output, Target> {
  const { temperature = 2 } = options
  if (!(temperature > 0))
    throw new FivefoldError('OPTION_INVALID', `the temperature ${temperature} of a distillation must be above 0`)
  return (graph, outputs, targets, rowWeight) => {
    const operations = createOperations(graph)
    const { node, scale, mul, sub, sum } = operations
    const student = named(outputs, options.output, 'output')
    const teacher = shapedLike(operations, named(targets, options.target, 'target'), student)
    const last = { axis: { int: -1 } }
    const [wanted, given] = [teacher, student].map((scores) =>
      node('LogSoftmax', [scale(scores, 1 / temperature)], last),
    )
    const divergence = sum(mul(node('Exp', [wanted]), sub(wanted!, given!)), [student.shape.length - 1])
    return meanOfRows(graph, scale(divergence, temperature ** 2), rowWeight)
  }
}
