import { FivefoldError } from '../../../core/index.ts'
import { floatsAt, type SharedWorkspace, viewMemory } from '../kernels/workspace.ts'
import { predictionsOf } from '../predictor/predict.ts'
import type { CallerFunctions } from './caller-functions.ts'
import { CALL_DONE, CALL_FAILED, type CallBox, type CallerFunctionName } from './worker-protocol.ts'

export function createCallBox({ objective, metric }: CallerFunctions): CallBox | undefined {
  if (objective === undefined && metric === undefined) return undefined
  return {
    state: new Int32Array(new SharedArrayBuffer(4)),
    result: new Float64Array(new SharedArrayBuffer(8)),
    hasObjective: objective !== undefined,
    hasMetric: metric !== undefined,
  }
}

/**
 * Calls one of the caller's functions on the shared memory and wakes the worker that waits for it.
 * @throws what the function throws, and TRAIN_DIVERGED where it leaves a value that is no number
 */
export function answerCalls(
  shared: SharedWorkspace,
  { state, result }: CallBox,
  functions: CallerFunctions,
  name: CallerFunctionName,
): void {
  let outcome: number = CALL_FAILED
  try {
    if (name === 'objective') callObjective(shared, functions)
    else result[0] = callMetric(shared, functions)
    outcome = CALL_DONE
  } finally {
    Atomics.store(state, 0, outcome)
    Atomics.notify(state, 0)
  }
}

function callObjective(shared: SharedWorkspace, { objective }: CallerFunctions): void {
  const { job, layout } = shared
  const memory = viewMemory(shared.memory)
  const { rowCount } = job.train
  // Copies: nothing that the caller keeps is the trainer's memory.
  const [gradients, hessians] = [new Float32Array(rowCount), new Float32Array(rowCount)]
  const scores = floatsAt(memory, layout.train.scores, rowCount).slice()
  const targets = job.train.targets.slice()
  const answer: unknown = objective!.gradients({
    ...{ scores, targets, gradients, hessians },
    weights: job.train.weights?.slice(),
  })
  if (answer instanceof Promise) refusePromise(answer)
  const row = gradients.findIndex(
    (gradient, i) => !Number.isFinite(gradient) || !(hessians[i]! >= 0 && hessians[i]! < Infinity),
  )
  if (row >= 0)
    throw new FivefoldError(
      'TRAIN_DIVERGED',
      `boosting: the custom objective gives row ${row} the gradient ${gradients[row]} and the hessian ${hessians[row]}`,
      { remedy: 'Gradients have to be finite, hessians finite and not negative.' },
    )
  floatsAt(memory, layout.gradients, rowCount).set(gradients)
  floatsAt(memory, layout.hessians, rowCount).set(hessians)
}

/** What it comes to is nobody's any more, a failure included. */
function refusePromise(promise: Promise<unknown>): never {
  promise.catch(() => {})
  throw new FivefoldError(
    'OPTION_INVALID',
    'boosting: a custom objective cannot be asynchronous: training waits for it',
  )
}

function callMetric(shared: SharedWorkspace, { metric }: CallerFunctions): number {
  const { job, layout } = shared
  const memory = viewMemory(shared.memory)
  const { outputCount, targetOffset, targetScale } = job.objective
  const { rowCount } = job.validation!
  const { scores, outputBytes } = layout.validation!
  const rowMajor = new Float64Array(rowCount * outputCount)
  for (let output = 0; output < outputCount; output++) {
    const own = floatsAt(memory, scores + output * outputBytes, rowCount)
    for (let row = 0; row < rowCount; row++)
      rowMajor[row * outputCount + output] = targetOffset + targetScale * own[row]!
  }
  const value = metric!.measure(predictionsOf({ objective: job.objective.name, classes: job.classes }, rowMajor))
  if (typeof value !== 'number' || Number.isNaN(value))
    throw new FivefoldError('TRAIN_DIVERGED', `boosting: the custom metric is ${String(value)}, not a number`)
  return value
}
